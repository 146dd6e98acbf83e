package io.ublkdisk.server;

import static io.ublkdisk.server.History.Kind.FLUSH;
import static io.ublkdisk.server.History.Kind.READ;
import static io.ublkdisk.server.History.Kind.WRITE;
import static io.ublkdisk.server.History.Kind.WRITE_DURABLE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The judge of histories tells those that can be from those that cannot. */
class HistoryTest {
    private static History.Event write(int value, long begun, long ended) {
        return new History.Event(0, WRITE, 0, 1, value, null, begun, ended, true);
    }

    private static History.Event durable(int value, long begun, long ended) {
        return new History.Event(0, WRITE_DURABLE, 0, 1, value, null, begun, ended, true);
    }

    private static History.Event failed(int value, long begun, long ended) {
        return new History.Event(0, WRITE, 0, 1, value, null, begun, ended, false);
    }

    private static History.Event read(int seen, long begun, long ended) {
        return new History.Event(1, READ, 0, 1, 0, new int[] {seen}, begun, ended, true);
    }

    private static History.Event flush(long begun, long ended) {
        return new History.Event(1, FLUSH, 0, 0, 0, null, begun, ended, true);
    }

    private static History of(History.Event... events) {
        return new History(List.of(events), 0);
    }

    @Test
    void aReadSeesTheLastWriteOrOneInFlight() {
        assertThat(of(write(1, 1, 2), read(1, 3, 4)).notLinearizable()).isEmpty();
        assertThat(of(write(1, 1, 4), read(0, 2, 3)).notLinearizable()).isEmpty();
        assertThat(of(write(1, 1, 4), read(1, 2, 3)).notLinearizable()).isEmpty();
        assertThat(of(write(1, 1, 2), read(0, 3, 4)).notLinearizable()).isPresent();
        assertThat(of(write(1, 1, 2), write(2, 3, 4), read(1, 5, 6)).notLinearizable())
                .isPresent();
        assertThat(of(write(1, 1, 6), write(2, 2, 5), read(1, 7, 8)).notLinearizable())
                .isEmpty();
    }

    @Test
    void noReadSeesWhatIsYetToBeWrittenOrNeverWas() {
        assertThat(of(read(1, 1, 2), write(1, 3, 4)).notLinearizable())
                .get()
                .asString()
                .contains("before it was");
        assertThat(of(read(7, 1, 2)).notLinearizable()).get().asString().contains("never written");
    }

    /** Two reads, one after the other, and both writes in flight all the time. */
    @Test
    void nobodySeesTheOldValueAfterTheNewOne() {
        assertThat(of(write(1, 1, 10), read(1, 2, 3), read(0, 4, 5)).notLinearizable())
                .isPresent();
        assertThat(of(write(1, 1, 20), write(2, 2, 19), read(1, 3, 4), read(2, 5, 6), read(1, 7, 8))
                        .notLinearizable())
                .isPresent();
        assertThat(of(write(1, 1, 20), write(2, 2, 19), read(2, 3, 4), read(1, 5, 6))
                        .notLinearizable())
                .isEmpty();
    }

    @Test
    void aWriteThatFailedMayHaveHappenedAtAnyTime() {
        assertThat(of(failed(1, 1, 2), read(0, 3, 4), read(1, 5, 6)).notLinearizable())
                .isEmpty();
        assertThat(of(failed(1, 1, 2), read(1, 3, 4), read(0, 5, 6)).notLinearizable())
                .isPresent();
    }

    @Test
    void aPowerCutTakesWhatWasNotPromised() {
        assertThat(of(write(1, 1, 2)).notDurable(new int[] {0})).isEmpty();
        assertThat(of(write(1, 1, 2), flush(3, 4)).notDurable(new int[] {1})).isEmpty();
        assertThat(of(write(1, 1, 2), flush(3, 4)).notDurable(new int[] {0}))
                .get()
                .asString()
                .contains("the younger 1 was promised");
        assertThat(of(write(1, 1, 3), flush(2, 4)).notDurable(new int[] {0}))
                .as("it was not acknowledged when the flush began")
                .isEmpty();
        assertThat(of(durable(1, 1, 2)).notDurable(new int[] {0})).isPresent();
        assertThat(of(durable(1, 1, 2), write(2, 3, 4)).notDurable(new int[] {1}))
                .isEmpty();
        assertThat(of(durable(1, 1, 2), write(2, 3, 4)).notDurable(new int[] {2}))
                .isEmpty();
        assertThat(of(failed(1, 1, 2)).notDurable(new int[] {1})).isEmpty();
        assertThat(of(write(1, 1, 2)).notDurable(new int[] {9}))
                .get()
                .asString()
                .contains("nobody wrote");
        assertThat(of(write(1, 1, 2), read(1, 3, 4), durable(2, 5, 6)).notDurable(new int[] {1}))
                .isPresent();
    }
}
