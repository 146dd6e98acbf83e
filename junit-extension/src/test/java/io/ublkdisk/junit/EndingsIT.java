package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.ublkdisk.junit.EndingsTestCase.Failing;
import io.ublkdisk.junit.EndingsTestCase.Leaving;
import io.ublkdisk.junit.EndingsTestCase.OfClass;
import io.ublkdisk.junit.EndingsTestCase.OfClassAndFailing;
import io.ublkdisk.junit.EndingsTestCase.Stuck;
import io.ublkdisk.junit.EndingsTestCase.Unused;
import io.ublkdisk.junit.engine.report.DiskVerdict;
import io.ublkdisk.junit.engine.report.HowToRepeat;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a test ends, its disk goes, and what was wrong is said. */
@Timeout(120)
class EndingsIT {
    @AfterEach
    void nothingIsLeft() throws IOException, InterruptedException {
        if (EndingsTestCase.leftOpen != null) {
            EndingsTestCase.leftOpen.close();
            EndingsTestCase.leftOpen = null;
        }
        if (EndingsTestCase.leftRunning != null) {
            assertThat(EndingsTestCase.leftRunning.destroyForcibly().waitFor(10, TimeUnit.SECONDS))
                    .isTrue();
            EndingsTestCase.leftRunning = null;
        }
        if (EndingsTestCase.leftOrphan != null) {
            EndingsTestCase.leftOrphan.destroyForcibly();
            EndingsTestCase.leftOrphan.onExit().orTimeout(10, TimeUnit.SECONDS).join();
            EndingsTestCase.leftOrphan = null;
        }
        Leftovers.awaitNone();
    }

    @Test
    void anAssertionFailsWithTheReportOfTheDisk() {
        Runs runs = run(Failing.class, "assertion");
        assertThat(runs.failureOf("assertion")).hasMessageContaining("but was: 1");
        assertThat(runs.failureOf("assertion").getSuppressed())
                .hasSize(2)
                .hasOnlyElementsOfTypes(DiskVerdict.class, HowToRepeat.class);
        assertThat(runs.published())
                .contains(
                        "disk /dev/ublkb",
                        "16MiB, ext4 on ",
                        "parameter 'disk' of Failing.assertion",
                        "seed: 4711",
                        "fired 0 of 0 matched: rule bad: on discard fail IO",
                        "fired 1 of 1 matched: rule late: on write containing",
                        "faults:\n  after ",
                        "rule late, ",
                        "stats: reads=",
                        "script: none");
        runs.filesPublished().assertStatistics(files -> files.fileEntryPublished(2));
    }

    @Test
    void aFailedTestSaysWhichOfItsRulesDidNotFire() {
        Throwable failure = run(Failing.class, "exceptionAndAnUnusedRule").failureOf("exceptionAndAnUnusedRule");
        assertThat(failure).isInstanceOf(IOException.class).hasMessage("the test's own");
        assertThat(Arrays.toString(failure.getSuppressed()))
                .contains("rule 'never' did not fire", "no read reached the disk");
    }

    @Test
    void anAbortedTestStaysAborted() {
        Runs runs = run(Failing.class, "assumption");
        assertThat(runs.reasonOf("assumption")).contains("not today");
        runs.tests().assertStatistics(all -> all.aborted(1).failed(0));
        assertThat(runs.published()).isEmpty();
        runs.filesPublished().assertStatistics(files -> files.fileEntryPublished(0));
    }

    @Test
    void aFileLeftOpenFailsTheTestAndNamesItsHolder() {
        failure(Leaving.class, "openFile")
                .hasMessageContaining("still open at the end of the test")
                .hasMessageContaining("process " + ProcessHandle.current().pid())
                .hasMessageContaining("left-open");
    }

    @Test
    void aDeviceLeftOpenFailsTheTest() {
        failure(Leaving.class, "openDevice")
                .hasMessageContaining("this test's JVM")
                .hasMessageContaining("on /dev/ublkb");
    }

    @Test
    void aPartitionLeftOpenFailsTheTest() {
        failure(Leaving.class, "openPartition")
                .hasMessageContaining("this test's JVM")
                .hasMessageContaining("p1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"childWithTheDevice", "orphanWithTheDevice"})
    void aProcessWithTheDeviceFailsTheTestAndIsNamed(String test) {
        failure(Leaving.class, test).hasMessageContaining("(sleep)").hasMessageContaining("/dev/ublkb");
    }

    @Test
    void aMountOnTheMountFailsTheTestAndIsNamed() {
        failure(Leaving.class, "mountOnTheMount")
                .hasMessageContaining("tmpfs is mounted on ")
                .hasMessageContaining("on it");
    }

    @Test
    void aTestMayEndInterrupted() {
        Runs runs = run(Leaving.class, "interruptFlag");
        Thread.interrupted();
        runs.assertAllPassed(1);
    }

    @Test
    void aTestThatFailsInterruptedHasItsReport() {
        Runs runs = run(Leaving.class, "failureWithInterruptFlag");
        Thread.interrupted();
        assertThat(runs.failureOf("failureWithInterruptFlag").getSuppressed())
                .hasOnlyElementsOfTypes(DiskVerdict.class, HowToRepeat.class);
        runs.filesPublished().assertStatistics(files -> files.fileEntryPublished(2));
    }

    @Test
    void aHandleSaysThatItsTestHasEnded() {
        run(Leaving.class, "handle").assertAllPassed(1);
        Disk disk = EndingsTestCase.leftHandle;
        List<ThrowingCallable> uses = List.of(
                disk::device,
                disk::mountPoint,
                disk::stats,
                () -> disk.faults().add("on read note"),
                () -> disk.mark("x"));
        assertThat(uses)
                .allSatisfy(use -> assertThatIllegalStateException()
                        .isThrownBy(use)
                        .withMessageContaining("the test that it belonged to has ended")
                        .withMessageContaining("static field"));
        assertThatIllegalStateException().isThrownBy(disk::powerCut).withMessageContaining("has ended");
    }

    @Test
    void aProcessInTheFolderFailsTheTestAndIsNamed() {
        failure(Leaving.class, "processInFolder").hasMessageContaining("sleep");
    }

    @Test
    void aMappingFailsTheTest() {
        failure(Leaving.class, "mapping").hasMessageContaining("mapped");
        EndingsTestCase.leftMapped = null;
    }

    @Test
    void aMountThatTheTestMadeIsTakenOffToo() {
        run(Leaving.class, "mountOfItsOwn").assertAllPassed(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inARead", "inAForce"})
    @Timeout(60)
    void aTimeoutComesThroughThoughTheKernelWaits(String test) {
        Runs runs = run(Stuck.class, test);
        assertThat(Runs.everythingIn(runs.failureOf(test))).contains("timed out after 2 seconds");
        assertThat(runs.published()).contains("fired 1 of 1 matched: rule slow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "strictThoughRemoved", "strictThoughCleared"})
    void aRuleThatNeverFiredFailsTheTest(String test) {
        failure(Unused.class, test)
                .hasMessageContaining("rule 'never'")
                .hasMessageContaining(EndingsTestCase.NEVER)
                .hasMessageContaining("no request was in its scope")
                .hasMessageContaining("lenient");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenientDisk", "lenientRule", "verifiedToBeUnused"})
    void aRuleMayGoUnfiredWhereThatIsSaid(String test) {
        run(Unused.class, test).assertAllPassed(1);
    }

    @Test
    void aRuleOfAClassesDiskThatNeverFiredFailsTheClass() {
        Runs runs = Runs.of(selectClass(OfClass.class));
        assertThat(runs.failureOf("OfClass")).hasMessageContaining("rule 'never'");
    }

    @Test
    void aFailedTestExcusesTheRulesOfItsClass() {
        Runs runs = Runs.of(selectClass(OfClassAndFailing.class));
        assertThat(runs.failureOf("fails")).hasMessage("the test's own");
        runs.tests().assertStatistics(all -> all.failed(1));
        assertThat(runs.containersFailed()).isZero();
        assertThat(runs.published()).contains("rule never");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> failure(Class<?> fixture, String test) {
        return assertThat(run(fixture, test).failureOf(test)).isInstanceOf(AssertionError.class);
    }

    private static Runs run(Class<?> fixture, String test) {
        return Runs.of(selectMethod(fixture, test, Disk.class));
    }
}
