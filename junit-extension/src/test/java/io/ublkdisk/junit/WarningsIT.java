package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A test that passes and may prove nothing is warned of. */
@Timeout(180)
class WarningsIT {
    @AfterEach
    void nothingIsLeft() throws IOException {
        Leftovers.assertNone();
    }

    @ParameterizedTest
    @CsvSource({
        "neverFiredAndCouldNot, verify(\"bad\").neverFired() holds",
        "lenientAndIdle, no request was in the scope of the rule of this disk",
        "damageThatNobodyRead, no read of them reached the disk",
        "recordedForNothing, crashStates() never",
        "cutOfNothing, the power cut lost nothing: everything was flushed"
    })
    void warns(String test, String text) {
        Runs runs = Runs.of(selectMethod(WarningsTestCase.Idle.class, test, Disk.class));
        runs.assertAllPassed(1);
        assertThat(runs.published()).contains("ublkdisk.warning: ", text);
    }

    @Test
    void doesNotWarnWhereSomethingHappened() {
        Runs runs = Runs.of(selectClass(WarningsTestCase.Busy.class));
        runs.assertAllPassed(6);
        assertThat(runs.published()).doesNotContain("ublkdisk.warning");
    }

    /** It would end the listener alone, on a thread of its own, and the test would pass. */
    @Test
    void anAssertionThatFailsInAListenerFailsTheTest() {
        Throwable failure = Runs.of(selectMethod(WarningsTestCase.Listening.class, "aListenerFails", Disk.class))
                .failureOf("aListenerFails");
        assertThat(failure).hasMessageContaining("a listener of onFault").hasMessageContaining("40");
    }
}
