package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.Event;

/** Crash tests of a write-ahead log: the right one passes every state, each wrong one is caught and its guilty line named. */
class CrashTestIT {
    @Test
    void aRightLogPassesEveryCrashState() {
        Runs runs = Runs.of(selectClass(WalTestCases.RightTestCase.class));
        long states = runs.tests().started().count();
        System.out.println("write-ahead log: " + states + " crash states");
        assertThat(states).isGreaterThan(12);
        runs.assertAllPassed((int) states);
    }

    @Test
    void aForceThatIsMissingIsNamed() {
        assertThat(report(WalTestCases.MissingForceTestCase.class))
                .contains("not forced when that was promised: write of log-1, bytes 0..2999, by Wal.append(Wal.java:");
    }

    @Test
    void aForceOfTheWrongFileIsNamed() {
        assertThat(report(WalTestCases.WrongFileTestCase.class))
                .contains("not forced when that was promised: write of log-1, bytes 0..2999, by Wal.append(Wal.java:");
    }

    @Test
    void aRenameWithoutADirectorySyncIsNamed() {
        assertThat(report(WalTestCases.RenameTestCase.class))
                .contains("not forced when that was promised: rename of head.new to head, by Wal.nameLog(Wal.java:")
                .contains("< Wal.rotate(Wal.java:");
    }

    @Test
    void aHeaderThatIsWrittenAfterTheCommitIsNamed() {
        assertThat(report(WalTestCases.HeaderTestCase.class))
                .contains("done after that was promised: write of log-1, bytes 0..15, by Wal.append(Wal.java:");
    }

    @Test
    void aTornRecordWithoutAChecksumIsNamed() {
        assertThat(report(WalTestCases.ChecksumTestCase.class))
                .contains("has other bytes than were appended")
                .contains("torn flush epoch ")
                .containsPattern("file log-[12], bytes [0-9]+\\.\\.[0-9]+; last write of log-[12]")
                .contains(" sectors)");
    }

    @Test
    void aRunThatFailsIsSaidToBeOne() {
        Runs runs = Runs.of(selectClass(WalTestCases.FailingRunTestCase.class));
        assertThat(runs.failureOf("run: run")).hasMessage("the program broke");
        runs.tests().assertStatistics(all -> all.started(1).failed(1));
    }

    /** The reports of the first failing state of each cause; the others refer to those, and have no bundle. */
    private static String report(Class<?> broken) {
        List<Throwable> failures = Runs.of(selectClass(broken)).tests().failed().stream()
                .map(CrashTestIT::thrown)
                .toList();
        List<String> reports = failures.stream()
                .map(Throwable::getMessage)
                .filter(message -> !message.contains("It has the cause of crash state"))
                .toList();
        System.out.println(broken.getSimpleName() + ": " + failures.size() + " states fail, of " + reports.size()
                + " causes\n" + String.join("\n", reports));
        assertThat(failures).as("the bug is caught").isNotEmpty();
        assertThat(reports).as("causes").hasSizeBetween(1, 6);
        assertThat(failures)
                .allSatisfy(failure -> assertThat(failure.getSuppressed())
                        .as(failure.getMessage())
                        .hasSize(reports.contains(failure.getMessage()) ? 1 : 0));
        return String.join("\n", reports);
    }

    private static Throwable thrown(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }
}
