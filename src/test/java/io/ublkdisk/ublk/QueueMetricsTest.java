package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class QueueMetricsTest {

    @Test
    void everyReaderSeesAllThatHasHappenedSoFar() {
        QueueMetrics metrics = new QueueMetrics();
        for (int i = 0; i < 3; i++) {
            metrics.arrived();
        }
        assertThat(metrics.inFlight()).isEqualTo(3);
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, 1_000);
        metrics.ended(Operation.READ, BlockStatus.MEDIUM, 512, 9_000);
        metrics.recordLatencies();
        assertThat(metrics.inFlight()).isEqualTo(1);
        assertThat(metrics.count(Operation.READ)).isEqualTo(2);
        assertThat(metrics.bytes(Operation.READ)).as("errors move no bytes").isEqualTo(4096);
        assertThat(metrics.errors(BlockStatus.MEDIUM)).isEqualTo(1);
        assertThat(latency(metrics).getTotalCount()).isEqualTo(2);
        assertThat(latency(metrics).getTotalCount())
                .as("reading takes nothing away")
                .isEqualTo(2);
        metrics.ended(Operation.READ, BlockStatus.OK, 4096, Long.MAX_VALUE);
        metrics.recordLatencies();
        assertThat(latency(metrics).getTotalCount())
                .as("too long for the histogram")
                .isEqualTo(3);
    }

    @Test
    void latenciesOfOneTurnAreCountedEachForItsOperation() {
        QueueMetrics metrics = new QueueMetrics();
        for (long nanos : new long[] {500, 500, 500, 700, 500}) {
            metrics.ended(Operation.READ, BlockStatus.OK, 4096, nanos);
            metrics.ended(Operation.READ, BlockStatus.OK, 4096, nanos);
            metrics.ended(Operation.WRITE, BlockStatus.OK, 4096, nanos);
        }
        metrics.recordLatencies();
        metrics.recordLatencies();
        assertThat(latency(metrics).getCountAtValue(500)).isEqualTo(8);
        assertThat(latency(metrics).getCountAtValue(700)).isEqualTo(2);
        assertThat(latency(metrics, Operation.WRITE).getCountAtValue(500)).isEqualTo(4);
        assertThat(latency(metrics, Operation.WRITE).getTotalCount()).isEqualTo(5);
    }

    private static Histogram latency(QueueMetrics metrics) {
        return latency(metrics, Operation.READ);
    }

    private static Histogram latency(QueueMetrics metrics, Operation operation) {
        Histogram sum = QueueMetrics.emptyHistogram();
        metrics.addLatencyTo(sum, operation);
        return sum;
    }
}
