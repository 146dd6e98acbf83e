package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Holds sizes, names and words of the sources of both modules. {@link HouseRulesTest} proves each rule on samples that break
 * it.
 */
class HouseTest {
    private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

    /** Fewer sources than this, and the test has looked in the wrong place and proves nothing. */
    private static final int FEWEST_SOURCES = 300;

    private static final List<SourceFile> MAIN =
            SourceFile.under(PROJECT, "src/main/java", "junit-extension/src/main/java");

    private static final Map<String, String> LARGE_PACKAGES =
            Map.of("io.ublkdisk.ublk", "one subject, and its classes use each other's private parts");

    /** Files that were too long when the limit came, and a limit for each. Split one, and take it out here. */
    private static final Map<String, Integer> LONG_FILES = Map.of();

    private static final String BOTH_FACES =
            "a command of ublkdisk, and the command of the kernel's kublk that does the same";

    private static final Map<String, String> NAMES_OF_TWO_THINGS = Map.of(
            "FileSystem", "what a test asks for, and what the server does for it; a test imports junit's only",
            "AddCommand", BOTH_FACES,
            "DelCommand", BOTH_FACES,
            "FeaturesCommand", BOTH_FACES,
            "ListCommand", BOTH_FACES,
            "QuiesceCommand", BOTH_FACES,
            "RecoverCommand", BOTH_FACES);

    /** Our old private words, and the words of the field. */
    private static final Map<String, String> GLOSSARY = Map.ofEntries(
            Map.entry("Testament", "RecoveryRecord"),
            Map.entry("Inheritance", "RecoverableDisk"),
            Map.entry("Turn", "DiskLock"),
            Map.entry("Bench", "CrashStateMount"),
            Map.entry("Plug", "DetachableBackend"),
            Map.entry("Port", "DeviceAttachment"),
            Map.entry("Notes", "DeviceRegistry"),
            Map.entry("Note", "DeviceRecord"),
            Map.entry("Chronicle", "JournalWriter"),
            Map.entry("Verbs", "a sealed Command"),
            Map.entry("CrashVerbs", "a sealed Command"),
            Map.entry("Words", "ProtocolLine"),
            Map.entry("Fields", "KeyValues"),
            Map.entry("Wire", "LineChannel"),
            Map.entry("Conversation", "ClientSession"),
            Map.entry("Shelf", "ContextDisks"),
            Map.entry("Asked", "Unchecked"),
            Map.entry("Farewell", "DiskCleanup"),
            Map.entry("Proof", "UnusedRules"),
            Map.entry("DeathWatch", "ServerWatchdog"),
            Map.entry("CrashLab", "CrashStateRunner"),
            Map.entry("Promises", "DeferredDurability"),
            Map.entry("Fate", "WriteOutcome"),
            Map.entry("Survivors", "SurvivalPolicy"),
            Map.entry("Injury", "CorruptionPattern"),
            Map.entry("AtRest", "AtRestCorruption"),
            Map.entry("Flight", "RequestState"),
            Map.entry("InFlight", "WaitingWrites"),
            Map.entry("Held", "HeldRequest"),
            Map.entry("ParkedRequest", "HeldRequest"),
            Map.entry("HeldByRule", "HeldRequest"),
            Map.entry("Routes", "SectorRedirector"),
            Map.entry("Tally", "RuleCounters"),
            Map.entry("Timeline", "ScriptRunner"),
            Map.entry("Moment", "StepTrigger"),
            Map.entry("Contents", "DiskSnapshots"),
            Map.entry("Recorded", "ActiveRecording"),
            Map.entry("Spares", "PreparedDisks"),
            Map.entry("Bounded", "TimeLimitedTask"),
            Map.entry("Holders", "MountUsers"),
            Map.entry("OpenFiles", "MountUsers"),
            Map.entry("TakeDown", "Teardown"),
            Map.entry("FileTrouble", "IoErrorText"),
            Map.entry("Check", "Fsck"),
            Map.entry("Media", "MediaFile"),
            Map.entry("Rehearsal", "ArchiveTraining"),
            Map.entry("BetweenTests", "DiskPreparation"),
            Map.entry("Evidence", "FaultReporter"));

    @Test
    void seesTheWholeProject() {
        assertThat(MAIN).hasSizeGreaterThanOrEqualTo(FEWEST_SOURCES);
    }

    @Test
    void noFileIsLongerThan400Lines() {
        assertThat(HouseRules.filesOver(400, LONG_FILES, MAIN)).isEmpty();
    }

    @Test
    void noMethodIsLongerThan60Lines() {
        assertThat(HouseRules.methodsOver(60, MAIN)).isEmpty();
    }

    @Test
    void noPackageHasMoreThan30Files() {
        assertThat(HouseRules.packagesOver(30, LARGE_PACKAGES, MAIN)).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIs() {
        assertThat(HouseRules.packagesWithoutInfo(MAIN)).isEmpty();
    }

    @Test
    void aSimpleNameStandsForOneThing() {
        assertThat(HouseRules.sameNames(NAMES_OF_TWO_THINGS, MAIN)).isEmpty();
    }

    @Test
    void typesHaveTheWordsOfTheField() {
        assertThat(HouseRules.typesNamed(GLOSSARY, MAIN)).isEmpty();
    }

    @Test
    void javadocOfAMethodBeginsWithAVerb() {
        assertThat(HouseRules.javadocWithoutVerb(MAIN)).isEmpty();
    }

    @Test
    void whatATestImportsIsDocumented() {
        assertThat(HouseRules.undocumented("io.ublkdisk.junit", MAIN)).isEmpty();
    }

    @Test
    void commentsAndMessagesArePlainEnglish() {
        assertThat(HouseRules.notPlain(MAIN)).isEmpty();
    }
}
