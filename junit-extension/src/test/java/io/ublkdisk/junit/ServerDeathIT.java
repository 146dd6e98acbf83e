package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.ublkdisk.control.ServerDiedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the disk server dies the test fails soon and says so, whatever it was doing. */
@Timeout(120)
class ServerDeathIT {
    @ParameterizedTest
    @ValueSource(strings = {"whileItWaitsForSomethingElse", "whileItWrites", "andItSwallowsEveryError"})
    void failsTheTestWithTheReason(String test) throws Exception {
        Throwable failure = run(test).failureOf(test);
        assertThat(Duration.ofNanos(ServerDeathTestCase.nanosToFailure))
                .as("from the kill to the failure")
                .isBetween(Duration.ZERO, Duration.ofSeconds(10));
        assertThat(failure instanceof ServerDiedException ? failure : failure.getCause())
                .isInstanceOf(ServerDiedException.class);
        assertThat(failure)
                .hasMessageContaining("the disk server (process ")
                .hasMessageContaining("exit status 137 (signal 9)");
        assertThat(Leftovers.mounts()).as("mounts left").isEmpty();
        Leftovers.awaitNone();
    }

    @Test
    void theNextTestGetsADiskOfANewServer() {
        run("andItSwallowsEveryError");
        run("nextTestHasANewServer").assertAllPassed(1);
    }

    private static Runs run(String test) {
        return Runs.of(selectMethod(ServerDeathTestCase.class, test, Disk.class));
    }
}
