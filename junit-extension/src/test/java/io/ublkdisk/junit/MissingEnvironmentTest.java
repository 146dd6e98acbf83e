package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.ublkdisk.control.Readiness;
import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.UnavailablePolicy;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What a test says on a machine that cannot have such disks: for real, on one that cannot. */
@DisabledIf(
        value = "disksCanBeMade",
        disabledReason = "this machine can make disks; a kernel without ublk would run this")
class MissingEnvironmentTest {
    private static final String[] WAYS_OUT = {"modprobe ublk_drv", "be root", "-Djvm=", "vm/java/bin/java"};

    @BeforeEach
    void beginsARun() {
        DiskFactory.forgetFirstPlace();
    }

    @Test
    void tellsTheWaysOutOnceInARunAndThenOneLine() {
        Runs runs = Runs.of(selectClass(MissingEnvironmentTestCase.class));
        String first = Runs.everythingIn(runs.failureOf("test"));
        assertThat(first.split("modprobe ublk_drv", -1)).as(first).hasSize(2);
        assertThat(Runs.of(selectClass(MissingEnvironmentTestCase.class)).failureOf("test"))
                .hasMessageContaining(Readiness.here().problem().orElseThrow())
                .hasMessageContaining("parameter 'disk' of MissingEnvironmentTestCase.test")
                .hasNoCause()
                .extracting(Throwable::getMessage)
                .asString()
                .hasLineCount(1);
    }

    @Test
    void failsAndNamesTheProbeAndTheWaysOut() {
        Throwable failure =
                Runs.of(selectClass(MissingEnvironmentTestCase.class)).failureOf("test");
        assertThat(failure).isInstanceOf(DiskUnavailableException.class);
        assertThat(failure).hasMessageContaining(Readiness.here().problem().orElseThrow());
        assertThat(failure.getMessage()).contains(WAYS_OUT);
    }

    @Test
    void skipsWhereThatWasAskedFor() {
        Runs runs =
                Runs.with(Map.of(UnavailablePolicy.PARAMETER, "skip"), selectClass(MissingEnvironmentTestCase.class));
        runs.tests().assertStatistics(all -> all.started(0).skipped(1));
        assertThat(runs.reasonOf("test")).contains(WAYS_OUT);
    }

    @Test
    void refusesAnUnknownPolicy() {
        Runs runs =
                Runs.with(Map.of(UnavailablePolicy.PARAMETER, "ignore"), selectClass(MissingEnvironmentTestCase.class));
        assertThat(Runs.everythingIn(runs.failureOf("test"))).contains("\"ignore\"", "\"skip\"");
    }

    @Test
    void failsInJqwikToo() {
        assertThat(Runs.jqwik(selectClass(MissingEnvironmentTestCase.class)).failureOf("property"))
                .isInstanceOf(DiskUnavailableException.class)
                .hasMessageContaining("modprobe ublk_drv");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void skipsInJqwikToo() {
        System.setProperty(UnavailablePolicy.PARAMETER, "skip");
        try {
            Runs runs = Runs.jqwik(selectClass(MissingEnvironmentTestCase.class));
            runs.tests().assertStatistics(all -> all.started(0).skipped(1));
            assertThat(runs.reasonOf("property")).contains(WAYS_OUT);
        } finally {
            System.clearProperty(UnavailablePolicy.PARAMETER);
        }
    }

    static boolean disksCanBeMade() {
        return Readiness.here().problem().isEmpty();
    }
}
