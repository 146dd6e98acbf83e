package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs what README.md and docs/guide/quickstart.md show; {@link ReadmeTest} compares the two. */
class ReadmeIT {
    private static final String EXAMPLES = "io.ublkdisk.example.";

    @ParameterizedTest
    @ValueSource(strings = {"MyStoreTest", "MyLogTest", "LiveFaultsTest"})
    void aTestPasses(String example) {
        Runs.of(selectClass(EXAMPLES + example)).assertAllPassed(1);
    }

    @Test
    void theHowTosPass() {
        Runs.of(selectClass(EXAMPLES + "HowToTest")).assertAllPassed(6);
    }

    @Test
    void theCrashTestPassesForEachState() {
        Runs runs = Runs.of(selectClass(EXAMPLES + "MySettingsTest"));
        long states = runs.tests().started().count();
        assertThat(states).isGreaterThan(4);
        runs.assertAllPassed((int) states);
    }
}
