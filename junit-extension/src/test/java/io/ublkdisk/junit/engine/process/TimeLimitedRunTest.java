package io.ublkdisk.junit.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bound of a run. */
@Timeout(60)
class TimeLimitedRunTest {
    @Test
    void throwsWhatTheProgramThrows() {
        assertThatThrownBy(() -> TimeLimitedRun.run("run()", Duration.ofSeconds(30), () -> {}, () -> {
                    throw new IOException("broken");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("broken");
    }

    @Test
    void interruptsWhatTakesTooLongAndSaysWhereItStood() {
        AtomicBoolean released = new AtomicBoolean();
        AtomicBoolean interrupted = new AtomicBoolean();
        assertThatThrownBy(() -> TimeLimitedRun.run("run()", Duration.ofSeconds(1), () -> released.set(true), () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run() has not ended within 1 s (runLimitSeconds)")
                .hasMessageContaining("CountDownLatch.await");
        assertThat(released).isTrue();
        assertThat(interrupted).isTrue();
    }
}
