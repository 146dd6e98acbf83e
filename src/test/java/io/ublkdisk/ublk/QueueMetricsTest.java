package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import org.junit.jupiter.api.Test;

class QueueMetricsTest {
    private long now;
    private final QueueMetrics metrics = new QueueMetrics(() -> now);

    @Test
    void everyReaderSeesAllThatHasHappenedSoFar() {
        for (int i = 0; i < 3; i++) {
            metrics.arrived();
        }
        assertThat(metrics.inFlight()).isEqualTo(3);
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, 0);
        metrics.ended(Operation.READ, BlockStatus.MEDIUM, 512, 0);
        metrics.endCycle();
        assertThat(metrics.inFlight()).isEqualTo(1);
        assertThat(metrics.count(Operation.READ)).isEqualTo(2);
        assertThat(metrics.bytes(Operation.READ)).as("errors move no bytes").isEqualTo(4096);
        assertThat(metrics.errors(BlockStatus.MEDIUM)).isEqualTo(1);
        assertThat(latency(Operation.READ).count()).isEqualTo(2);
        assertThat(latency(Operation.READ).count())
                .as("reading takes nothing away")
                .isEqualTo(2);
        now = Long.MAX_VALUE;
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, 0);
        metrics.endCycle();
        metrics.endCycle();
        assertThat(latency(Operation.READ).count())
                .as("too long for the histogram")
                .isEqualTo(3);
        assertThat(metrics.inFlight()).isZero();
    }

    @Test
    void latenciesOfOneTurnAreCountedEachForItsOperationAndArrival() {
        now = 10_000;
        for (long arrived : new long[] {9_500, 9_500, 9_500, 9_300, 9_500}) {
            metrics.ended(Operation.READ, BlockStatus.OK, 4096, arrived);
            metrics.ended(Operation.READ, BlockStatus.OK, 4096, arrived);
            metrics.ended(Operation.WRITE, BlockStatus.OK, 512, arrived);
        }
        metrics.endCycle();
        assertThat(latency(Operation.READ).countAt(500)).isEqualTo(8);
        assertThat(latency(Operation.READ).countAt(700)).isEqualTo(2);
        assertThat(latency(Operation.READ).count()).isEqualTo(10);
        assertThat(latency(Operation.WRITE).countAt(500)).isEqualTo(4);
        assertThat(latency(Operation.WRITE).count()).isEqualTo(5);
        assertThat(metrics.count(Operation.READ)).isEqualTo(10);
        assertThat(metrics.bytes(Operation.READ)).isEqualTo(10 * 4096);
        assertThat(metrics.bytes(Operation.WRITE)).isEqualTo(5 * 512);
    }

    @Test
    void whatArrivedTogetherAndEndsInDifferentTurnsTookDifferentlyLong() {
        now = 500;
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, 0);
        metrics.endCycle();
        now = 700;
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, 0);
        metrics.endCycle();
        assertThat(latency(Operation.READ).countAt(500)).isEqualTo(1);
        assertThat(latency(Operation.READ).countAt(700)).isEqualTo(1);
    }

    private LatencyHistogram latency(Operation operation) {
        LatencyHistogram sum = new LatencyHistogram();
        metrics.addLatencyTo(sum, operation);
        return sum;
    }
}
