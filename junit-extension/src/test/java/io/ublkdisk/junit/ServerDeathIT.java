package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.ServerDiedException;
import java.util.concurrent.TimeUnit;
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
        long start = Clock.nanos();
        Throwable failure = run(test).failureOf(test);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(Clock.nanos() - start))
                .as("seconds, with the start of a server")
                .isLessThan(40);
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
