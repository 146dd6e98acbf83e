package io.ublkdisk.ublk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How often each latency occurred, in nanoseconds, to within a 128th of the value. Up to 255 ns each value has a count of
 * its own. From there on each power of two is divided into 128 counts. Longer than an hour counts as an hour.
 *
 * <p><b>Threads.</b> One writes, by plain adds that other threads see soon (opaque); any thread reads. Recording allocates nothing.
 */
public final class LatencyHistogram {
    private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);

    static final long LONGEST_NANOS = 3_600_000_000_000L;
    /** A value above 2^8 keeps its eight highest bits. */
    private static final int KEPT_BITS = 8;

    private static final int HALF = 1 << (KEPT_BITS - 1);

    private final long[] counts = new long[index(LONGEST_NANOS) + 1];

    LatencyHistogram() {}

    /** Counts that latency so often. */
    void record(long nanos, long times) {
        int index = index(Math.max(0, Math.min(nanos, LONGEST_NANOS)));
        LONG.setOpaque(counts, index, counts[index] + times);
    }

    /** Adds what another one has counted so far. */
    void add(LatencyHistogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.at(i);
        }
    }

    private long at(int index) {
        return (long) LONG.getOpaque(counts, index);
    }

    private static int index(long nanos) {
        int shift = Math.max(0, Long.SIZE - KEPT_BITS - Long.numberOfLeadingZeros(nanos));
        return shift * HALF + (int) (nanos >>> shift);
    }

    /** Returns the highest value that is counted at that index. */
    private static long highest(int index) {
        int shift = Math.max(0, index / HALF - 1);
        return ((long) (index - shift * HALF) + 1 << shift) - 1;
    }

    /** Returns how many latencies have been counted. */
    public long count() {
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += at(i);
        }
        return sum;
    }

    /** Returns how many latencies have been counted that are as long as that, to within a 128th. */
    public long countAt(long nanos) {
        return at(index(Math.max(0, Math.min(nanos, LONGEST_NANOS))));
    }

    /**
     * Returns the latency that this share of all has not exceeded, in nanoseconds, rounded up by a 128th at most; 0 if nothing has
     * been counted.
     *
     * @param share from 0 to 1: 0.5 is the median, 1 the longest
     * @throws IllegalArgumentException outside of these
     */
    public long nanosAt(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is outside of 0..1; the median is 0.5");
        }
        long wanted = Math.max(1, (long) Math.ceil(share * count()));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += at(i);
            if (seen >= wanted) {
                return highest(i);
            }
        }
        return 0;
    }
}
