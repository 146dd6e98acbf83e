package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What one queue counts. The queue thread alone writes, by plain adds that other threads see soon (opaque); any thread reads. Nothing
 * is allocated but on an operation's first request.
 */
final class QueueMetrics {
    private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int ARRIVED = 0;
    private static final int ENDED = 1;
    private static final int FAILURES = 2;

    private final long[] counts = new long[Operation.values().length];
    private final long[] bytes = new long[Operation.values().length];
    private final long[] errors = new long[BlockStatus.values().length];
    private final long[] totals = new long[3];
    /** Null for operations that never came. */
    private final LatencyHistogram[] latencies = new LatencyHistogram[Operation.values().length];

    private final LongSupplier clock;
    private final EndedTogether[] together = new EndedTogether[Operation.values().length];

    /**
     * Requests of one operation that arrived together and have ended in the same duty cycle, as most do: they are counted together, and
     * took equally long. The writer's own.
     */
    private static final class EndedTogether {
        long arrivedNanos;
        int count;
        long bytes;
    }

    QueueMetrics(LongSupplier clock) {
        this.clock = clock;
        Arrays.setAll(together, i -> new EndedTogether());
    }

    /** Returns so many, on the clock of the requests. */
    static QueueMetrics[] of(int count) {
        QueueMetrics[] all = new QueueMetrics[count];
        Arrays.setAll(all, i -> new QueueMetrics(Clock::nanos));
        return all;
    }

    void arrived() {
        add(totals, ARRIVED, 1);
    }

    /** Counts a descriptor that no backend ever saw. */
    void refused(BlockStatus status) {
        add(errors, status.ordinal(), 1);
    }

    void backendThrew() {
        add(totals, FAILURES, 1);
    }

    /** Seen by readers after {@link #endCycle}. */
    void ended(Operation operation, BlockStatus status, long length, long arrivedNanos) {
        int index = operation.ordinal();
        EndedTogether same = together[index];
        if (same.arrivedNanos != arrivedNanos) {
            count(index, same);
            same.arrivedNanos = arrivedNanos;
        }
        same.count++;
        if (status == BlockStatus.OK) {
            same.bytes += length;
        } else {
            add(errors, status.ordinal(), 1);
        }
    }

    /** Ends a duty cycle: what has ended since the last call has ended now. */
    void endCycle() {
        for (int index = 0; index < together.length; index++) {
            count(index, together[index]);
        }
    }

    private void count(int index, EndedTogether same) {
        if (same.count > 0) {
            long nanos = clock.getAsLong() - same.arrivedNanos;
            latency(index).record(nanos, same.count);
            add(totals, ENDED, same.count);
            add(counts, index, same.count);
            add(bytes, index, same.bytes);
            same.count = 0;
            same.bytes = 0;
        }
    }

    private LatencyHistogram latency(int index) {
        LatencyHistogram latency = latencies[index];
        if (latency == null) {
            latency = new LatencyHistogram();
            synchronized (this) {
                latencies[index] = latency;
            }
        }
        return latency;
    }

    long inFlight() {
        long ended = get(totals, ENDED);
        return Math.max(0, get(totals, ARRIVED) - ended);
    }

    long backendFailures() {
        return get(totals, FAILURES);
    }

    long count(Operation operation) {
        return get(counts, operation.ordinal());
    }

    long bytes(Operation operation) {
        return get(bytes, operation.ordinal());
    }

    long errors(BlockStatus status) {
        return get(errors, status.ordinal());
    }

    synchronized void addLatencyTo(LatencyHistogram sum, Operation operation) {
        LatencyHistogram latency = latencies[operation.ordinal()];
        if (latency != null) {
            sum.add(latency);
        }
    }

    private static void add(long[] counters, int index, long more) {
        LONG.setOpaque(counters, index, counters[index] + more);
    }

    private static long get(long[] counters, int index) {
        return (long) LONG.getOpaque(counters, index);
    }

    /** Returns what all of them have counted. */
    static DeviceMetrics sum(QueueMetrics[] queues) {
        Map<Operation, DeviceMetrics.PerOperation> operations = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            long count = 0;
            long bytes = 0;
            LatencyHistogram latency = new LatencyHistogram();
            for (QueueMetrics queue : queues) {
                count += queue.count(operation);
                bytes += queue.bytes(operation);
                queue.addLatencyTo(latency, operation);
            }
            operations.put(operation, new DeviceMetrics.PerOperation(count, bytes, latency));
        }
        Map<BlockStatus, Long> errors = new EnumMap<>(BlockStatus.class);
        long inFlight = 0;
        long failures = 0;
        for (QueueMetrics queue : queues) {
            for (BlockStatus status : BlockStatus.values()) {
                if (queue.errors(status) > 0) {
                    errors.merge(status, queue.errors(status), Long::sum);
                }
            }
            inFlight += queue.inFlight();
            failures += queue.backendFailures();
        }
        return new DeviceMetrics(operations, errors, inFlight, failures);
    }
}
