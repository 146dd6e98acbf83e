package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectIteration;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.FileEntry;
import org.junit.platform.testkit.engine.Event;

/** Crash tests that look at nothing fail, states are isolated from each other, and bundles hold the state that failed. */
@Timeout(240)
class CrashProofIT {
    private static final Pattern TEAR = Pattern.compile(",t\\d+[<>](\\d+)");
    private static final Pattern BUNDLE = Pattern.compile("@ReplayFrom\\(\"([^\"]+)\"\\)");

    @AfterEach
    void nothingIsLeft() throws IOException {
        for (FileChannel left : CrashProofTestCases.LeavesOpenTestCase.LEFT) {
            left.close();
        }
        Files.deleteIfExists(Path.of(CrashProofTestCases.FromTheBundleTestCase.BUNDLE));
        Leftovers.assertNone();
    }

    @Test
    void theBundleOfAStateHoldsTheBytesOfThatState() throws IOException {
        AtomicReference<Throwable> failed = new AtomicReference<>();
        String said = Runs.standardOutputOf(
                () -> failed.set(thrown(Runs.of(selectClass(CrashProofTestCases.UnforcedTestCase.class))
                        .tests()
                        .failed()
                        .list()
                        .get(0))));
        assertThat(Runs.attachments(said))
                .allMatch(Files::isRegularFile)
                .anyMatch(file -> file.endsWith("ublkdisk-crash-state.txt"))
                .anyMatch(file -> file.endsWith("ublkdisk-crash-state.zip"));
        Throwable failure = failed.get();
        assertThat(failure).hasMessageContaining("crash state e0:");
        Matcher line = BUNDLE.matcher(Arrays.toString(failure.getSuppressed()));
        assertThat(line.find()).as(Runs.everythingIn(failure)).isTrue();
        assertThat(Arrays.toString(failure.getSuppressed())).contains("crash state e0:");
        Files.copy(
                Path.of(line.group(1)),
                Path.of(CrashProofTestCases.FromTheBundleTestCase.BUNDLE),
                StandardCopyOption.REPLACE_EXISTING);
        Runs again = Runs.of(selectClass(CrashProofTestCases.FromTheBundleTestCase.class));
        again.tests().assertStatistics(all -> all.started(2).failed(2));
        assertThat(again.failureOf("hasWhatWasPromised")).isInstanceOf(AssertionError.class);
        assertThat(again.failureOf("beganAsThatState")).isInstanceOf(AssertionError.class);
    }

    @Test
    void aRunThatChangesNothingFails() {
        assertThat(onlyFailure(CrashProofTestCases.NothingTestCase.class))
                .contains("the run changed nothing on the disk");
    }

    @Test
    void aCheckThatGetsNoDiskFails() {
        assertThat(onlyFailure(CrashProofTestCases.NoParameterTestCase.class))
                .contains("looksAtNothing")
                .contains("declare a parameter of type CrashedDisk");
    }

    @Test
    void aCheckThatUsesNoDiskFails() {
        assertThat(onlyFailure(CrashProofTestCases.UnusedParameterTestCase.class))
                .contains("the check has read nothing from the disk");
    }

    @Test
    void aCheckThatOnlyAsksForAPathFails() {
        assertThat(onlyFailure(CrashProofTestCases.OnlyThePathTestCase.class))
                .contains("the check has read nothing from the disk");
    }

    @Test
    void aCheckThatOnlyAsksForNamesLooksAtTheDisk() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.OnlyNamesTestCase.class));
        runs.assertAllPassed((int) runs.tests().started().count());
    }

    @Test
    void aTestWhoseOnlyStateIsTheStartFails() {
        assertThat(onlyFailure(CrashProofTestCases.OnlyTheStartTestCase.class))
                .contains("equal to the disk at the start of the run");
    }

    @Test
    void aCheckOfPromisesThatWereNeverMadeFails() {
        assertThat(onlyFailure(CrashProofTestCases.NoPromiseTestCase.class)).contains("the run has made no promise");
    }

    @Test
    void aStateThatLeavesAFileOpenDoesNotSpoilTheNext() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.LeavesOpenTestCase.class));
        List<String> failures = messages(runs);
        assertThat(failures).isNotEmpty().allMatch(message -> message.contains("left open"));
        assertThat(failures.get(0)).contains("/first");
        assertThat(runs.tests().succeeded().count()).isGreaterThan(2);
    }

    @Test
    void aRunIsATestAndEachStateIsNamed() throws IOException {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.ArgumentsTestCase.class));
        List<String> names = runs.tests().started().stream()
                .map(event -> event.getTestDescriptor().getDisplayName())
                .toList();
        runs.assertAllPassed(names.size());
        assertThat(names).startsWith("run: run() [x]").contains("run: run() [y]", "[x] e0:all", "[y] e0:all");
        assertThat(verdicts(runs))
                .hasSize(1 + names.size())
                .anyMatch(line -> line.matches("\\[1]\trecorded\t[0-9.]+ s\trun\\(\\) \\[x]\t\t\\d+ changes .*"))
                .anyMatch(line -> line.matches("\\[2]\tpassed\t[0-9.]+ s\t\\[x] e0:all\t.*"));
    }

    @Test
    void aRunMayBeOfTheInstanceOfAParameterizedClass() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.ParameterizedTestCase.class));
        runs.assertAllPassed((int) runs.tests().started().count());
        assertThat(runs.tests().started().count()).isGreaterThan(6);
    }

    @Test
    void aRunThatDoesNotEndIsEnded() throws IOException {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.EndlessRunTestCase.class));
        assertThat(messages(runs))
                .singleElement()
                .asString()
                .contains("run() has not ended within 2 s", "CountDownLatch.await", "EndlessRunTestCase.run");
        assertThat(verdicts(runs)).last().asString().startsWith("[1]\tRUN FAILED\t");
    }

    @Test
    void aStateThatIsNotTheChecksBusinessIsNoFailure() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.AbortingTestCase.class));
        runs.tests().assertStatistics(all -> all.failed(0));
        assertThat(runs.tests().aborted().count()).isPositive();
        assertThat(runs.published()).doesNotContain("crash state");
    }

    /** It is found to be damaged only when pieces of files reach the disk before others. */
    @Test
    void aProgramThatNeverForcesIsDamagedUnderSeededWriteBack() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.NeverForcesTestCase.class));
        List<String> failed = runs.tests().failed().stream()
                .map(event -> event.getTestDescriptor().getDisplayName())
                .toList();
        System.out.println("never forced: " + runs.tests().started().count() + " tests, " + failed.size() + " failed\n"
                + messages(runs).get(0));
        assertThat(failed).isNotEmpty().allMatch(name -> name.startsWith("SEEDED e"));
        assertThat(messages(runs).get(0))
                .contains("crash state e", "[record ", "write-back during the run: SEEDED with seed 0");
    }

    @Test
    void writeBackThatIsPeriodicWritesWhatIsNotForced() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.PeriodicTestCase.class));
        runs.assertAllPassed((int) runs.tests().started().count());
        assertThat(runs.tests().started().count()).isGreaterThan(2);
    }

    /** As an IDE runs one line of its tree again: the run is no test then, and is done all the same. */
    @Test
    void oneStateCanBeRunAlone() {
        Runs runs = Runs.of(selectIteration(
                selectMethod(CrashProofTestCases.OnlyNamesTestCase.class, "looksAtNames", CrashedDisk.class), 2));
        runs.assertAllPassed(1);
    }

    /** Blocks of 4 KiB are written wholly, and the names of the states show it. */
    @Test
    void aDriveThatWritesMoreThanABlockWhollyTearsThere() {
        Runs runs = Runs.of(selectClass(CrashProofTestCases.AtomicTestCase.class));
        runs.assertAllPassed((int) runs.tests().started().count());
        List<Integer> torn = runs.tests().started().stream()
                .flatMap(event ->
                        TEAR.matcher(event.getTestDescriptor().getDisplayName()).results())
                .map(tear -> Integer.parseInt(tear.group(1)))
                .toList();
        assertThat(torn).isNotEmpty().allMatch(sectors -> sectors % 8 == 0);
    }

    private static List<String> verdicts(Runs runs) throws IOException {
        Path file = runs.filesPublished().stream()
                .map(event -> event.getRequiredPayload(FileEntry.class).getPath())
                .filter(path -> path.endsWith("ublkdisk-crash-states.tsv"))
                .findFirst()
                .orElseThrow();
        return Files.readAllLines(file);
    }

    private static String onlyFailure(Class<?> test) {
        List<String> failures = messages(Runs.of(selectClass(test)));
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    private static List<String> messages(Runs runs) {
        return runs.tests().failed().stream()
                .map(event -> String.valueOf(thrown(event).getMessage()))
                .toList();
    }

    private static Throwable thrown(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }
}
