package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.ublkdisk.junit.TimelinesTestCase.Failing;
import io.ublkdisk.junit.TimelinesTestCase.Passing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts with moments in {@code @UblkDisk(faults = …)}: they run, and one whose moment never comes fails the test. */
@Timeout(120)
class TimelinesIT {
    private static Runs failing;

    @BeforeAll
    static void run() {
        failing = Runs.of(selectClass(Failing.class));
    }

    @AfterAll
    static void nothingIsLeft() throws Exception {
        Leftovers.assertNone();
    }

    @Test
    void runOnTheirDisks() {
        Runs.of(selectClass(Passing.class)).assertAllPassed(6);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        theMomentNeverCame                | rule 'bad' of the script | did not happen: its moment never came | at mark "loaded" rule bad
        theMomentCameAndTheRuleNeverFired | rule 'bad'               | armed and never fired     | on read sectors 16..23 fail MEDIUM
        aCommandWithoutARule              | "at mark "x" power-cut keep all" of the script | its moment never came | lenient = true
        aRuleThatAStepCleared             | rule 'idle'              | armed and never fired     | on discard note
        aStepThatCouldNotBeDone           | "at mark "y" power-cut"  | did not happen: not done  | off already
        """)
    void failTheTestWhenTheyDoNotHappen(String test, String who, String what, String detail) {
        assertThat(failing.failureOf(test))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(who)
                .hasMessageContaining(what)
                .hasMessageContaining(detail);
    }

    @Test
    void noOtherTestFails() {
        failing.tests().assertStatistics(all -> all.started(5).failed(5));
    }
}
