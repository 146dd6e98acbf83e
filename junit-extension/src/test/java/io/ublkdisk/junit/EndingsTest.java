package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ublkdisk.junit.engine.disk.LazyDisk;
import io.ublkdisk.junit.engine.process.Uninterrupted;
import io.ublkdisk.junit.engine.report.Aborted;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** How tests end, as far as that needs no disk. */
class EndingsTest {
    private static final class Derived extends TestAbortedException {}

    @Test
    void anAssumptionThatDoesNotHoldIsNoFailure() {
        assertThat(Aborted.is(new TestAbortedException("not today"))).isTrue();
        assertThat(Aborted.is(new Derived())).isTrue();
        assertThat(Aborted.is(new AssertionError("no"))).isFalse();
    }

    @Test
    void anInterruptFlagIsPutAsideAndSetAgain() {
        Thread.currentThread().interrupt();
        assertThat(Uninterrupted.get(() -> Thread.currentThread().isInterrupted()))
                .isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Uninterrupted.get(Thread::interrupted)).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aDiskThatAPropertyKeptIsNotMadeAfterIt() {
        LazyDisk disk = new LazyDisk("words", () -> {
            throw new AssertionError("made");
        });
        disk.end();
        assertThatIllegalStateException().isThrownBy(disk::device).withMessageContaining("property");
    }
}
