package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QueueRequestTest implements RequestOwner {
    private final List<QueueRequest> finished = new ArrayList<>();
    private final List<QueueRequest> waiting = new ArrayList<>();
    private final QueueRequest request = new QueueRequest(this, 1, 7, 7, ByteBuffer.allocate(0));

    @Override
    public synchronized void finished(QueueRequest request) {
        finished.add(request);
    }

    @Override
    public synchronized void waiting(QueueRequest request) {
        waiting.add(request);
    }

    @Test
    void secondEndIsAnErrorThatNamesTheRequest() {
        arrive();
        request.complete();
        assertThatThrownBy(() -> request.fail(BlockStatus.IO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("READ of sectors 8+16 (queue 1, tag 7) cannot be completed: it has been completed already");
        assertThat(finished).containsExactly(request);
        assertThat(request.status).isEqualTo(BlockStatus.OK);
    }

    @Test
    void waitingRequestCannotEndBeforeItsStageHasRun() throws Exception {
        arrive();
        request.runAt(5, r -> r.fail(BlockStatus.MEDIUM));
        assertThatThrownBy(request::complete).hasMessageContaining("waits to be run");
        assertThat(waiting).containsExactly(request);
        assertThat(request.becomeDue()).isTrue();
        request.runStage();
        assertThat(finished).containsExactly(request);
        assertThat(request.status).isEqualTo(BlockStatus.MEDIUM);
    }

    @Test
    void abandonedRequestHearsNothingMore() {
        arrive();
        assertThat(request.abandon()).isTrue();
        request.complete();
        request.runAt(5, r -> r.complete());
        request.finishIfActive(BlockStatus.IO);
        assertThat(request.abandon()).isFalse();
        assertThat(finished).isEmpty();
        assertThat(waiting).isEmpty();
    }

    @Test
    void endedRequestCannotBeAbandoned() {
        arrive();
        request.complete();
        assertThat(request.abandon()).isFalse();
    }

    @Test
    void ofManyThreadsThatEndItExactlyOneDoes() throws Exception {
        for (int round = 0; round < 200; round++) {
            arrive();
            CyclicBarrier together = new CyclicBarrier(3);
            AtomicInteger refused = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread thread = new Thread(() -> {
                    try {
                        together.await();
                        request.complete();
                    } catch (IllegalStateException e) {
                        refused.incrementAndGet();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join(10_000);
            }
            assertThat(refused).hasValue(2);
        }
        assertThat(finished).hasSize(200);
    }

    private void arrive() {
        request.arrive(Operation.READ, 0, 8, 16, 0);
    }
}
