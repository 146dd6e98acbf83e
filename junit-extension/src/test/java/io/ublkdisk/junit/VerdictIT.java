package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.ublkdisk.junit.VerdictTestCase.OnOneDisk;
import io.ublkdisk.junit.VerdictTestCase.OnOneDiskOfTheClass;
import io.ublkdisk.junit.engine.report.DiskVerdict;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** A failed test says what its disk had to do with it, in its failure, where everybody prints it. */
@Timeout(180)
class VerdictIT {
    @AfterEach
    void nothingIsLeft() throws IOException {
        Leftovers.assertNone();
    }

    /** What the failure of that test says of its disk. */
    private static String verdict(String test) {
        return verdict(Runs.of(selectMethod(OnOneDisk.class, test, Disk.class)).failureOf(test));
    }

    private static String verdict(Throwable failure) {
        return Stream.of(failure.getSuppressed())
                .filter(DiskVerdict.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no verdict in " + Runs.everythingIn(failure), failure));
    }

    @Test
    void anInjectedErrorNamesItsRule() {
        assertThat(verdict("injected")).contains("disk /dev/ublkb", "1 fault injected: read 42+2 by rule bad (IO)");
    }

    /** As CI servers read it, and builds that leave suppressed exceptions out. */
    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void standardOutputHasTheVerdictAndNamesReportAndBundle() {
        String said = Runs.standardOutputOf(() -> verdict("injected"));
        assertThat(said).contains("ublkdisk: disk /dev/ublkb", "1 fault injected");
        assertThat(Runs.attachments(said))
                .hasSize(2)
                .allMatch(Files::isRegularFile)
                .anyMatch(file -> file.toString().endsWith(".txt"))
                .anyMatch(file -> file.toString().endsWith(".zip"));
    }

    @Test
    void anErrorThatIsNotOursIsGenuine() {
        assertThat(verdict("genuine")).contains("no fault injected: this error is genuine");
    }

    @Test
    void aRuleThatThePageCacheKeptFromFiringSaysSo() {
        assertThat(verdict("answeredByThePageCache"))
                .contains("no fault injected", "rule 'bad' did not fire", "before it was armed", "evict()")
                .doesNotContain("genuine");
    }

    @Test
    void aRuleWhoseTextNoWriteContainedSaysSo() {
        assertThat(verdict("encoded"))
                .contains(
                        "rule 'commit' did not fire: ", "none of 1 write contained that text", "compressed or encoded");
    }

    @Test
    void aTimeoutNamesTheRuleThatHeldTheRequest() {
        assertThat(verdict("stuck")).containsPattern("rule 'stuck' held request \\d+ \\(flush\\) for [12]");
    }

    @Test
    void aPowerCutNamesWhatItTook() {
        assertThat(verdict("lostByACut"))
                .contains("no fault injected\n", "the power cut lost 1 unflushed change, of a (0..4095)");
        assertThat(verdict("neverWritten"))
                .contains("what the kernel had not written yet is lost too")
                .doesNotContain("genuine");
    }

    @Test
    void withoutPowerItIsSaidSinceWhen() {
        assertThat(verdict("withoutPower")).contains("the power of this disk is off since", "until powerOn()");
    }

    @Test
    void aTestIsNotToldOfTheFaultsOfAnother() {
        Runs runs = Runs.of(selectClass(OnOneDiskOfTheClass.class));
        runs.tests().assertStatistics(all -> all.succeeded(1).failed(1));
        assertThat(verdict(runs.failureOf("bMeetsNone"))).contains("no fault injected: this error is genuine");
        assertThat(runs.failureOf("OnOneDiskOfTheClass")).hasMessage("the class's own");
        assertThat(verdict(runs.failureOf("OnOneDiskOfTheClass"))).contains("disk /dev/ublkb");
    }
}
