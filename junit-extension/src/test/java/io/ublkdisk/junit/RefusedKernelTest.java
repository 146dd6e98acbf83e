package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.UnavailablePolicy;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What a test says on a kernel that is known to hang: it is refused before a device is made, so this needs none. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class RefusedKernelTest {
    private static final String RELEASE = "os.version";

    private final String real = System.getProperty(RELEASE);

    @BeforeEach
    void hostedRunner() {
        System.setProperty(RELEASE, "6.17.0-1015-azure");
        DiskFactory.forgetFirstPlace();
    }

    @AfterEach
    void realKernel() {
        System.setProperty(RELEASE, real);
    }

    @Test
    void failsWithTheReasonTheVmAndTheOverride() {
        Throwable failure =
                Runs.of(selectClass(MissingEnvironmentTestCase.class)).failureOf("test");
        assertThat(failure).isInstanceOf(DiskUnavailableException.class);
        assertThat(failure.getMessage())
                .contains(
                        "Linux 6.17.0-1015-azure has a faulty ublk driver: ADD_DEV",
                        "-Djvm=…/vm/java/bin/java",
                        "UBLKDISK_ALLOW_FAULTY_KERNEL=true",
                        "ublkdisk.unavailable=skip")
                .doesNotContain("modprobe", "be root");
    }

    @Test
    void skipsWhereThatWasAskedFor() {
        Runs runs =
                Runs.with(Map.of(UnavailablePolicy.PARAMETER, "skip"), selectClass(MissingEnvironmentTestCase.class));
        runs.tests().assertStatistics(all -> all.started(0).skipped(1));
        assertThat(runs.reasonOf("test")).contains("faulty ublk driver");
    }
}
