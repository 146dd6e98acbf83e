package io.ublkdisk.disk;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** The running totals behind {@link DriveStats}: each tag counts for itself, and the reader adds up. */
final class Counters {
    private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int FUA_WRITES = Operation.values().length;
    private static final int READ_BYTES = FUA_WRITES + 1;
    private static final int WRITTEN_BYTES = FUA_WRITES + 2;
    private static final int FAULTS = FUA_WRITES + 3;
    private static final int COUNT = FUA_WRITES + 4;

    private final List<OfTag> tags = new CopyOnWriteArrayList<>();
    /** Beside what the tags count: a witness asks for it with each request. */
    private final LongAdder flushes = new LongAdder();

    /**
     * What the requests of one tag add up to. One thread at a time has a tag, so these are plain adds; other threads see them
     * soon (opaque).
     */
    final class OfTag {
        private final long[] counts = new long[COUNT];

        void arrived(Request request) {
            Operation operation = request.operation();
            add(operation.ordinal(), 1);
            if (operation == Operation.FLUSH) {
                flushes.increment();
            } else if (operation == Operation.WRITE && request.fua()) {
                add(FUA_WRITES, 1);
            }
        }

        void read(long bytes) {
            add(READ_BYTES, bytes);
        }

        void written(long bytes) {
            add(WRITTEN_BYTES, bytes);
        }

        void faults(int count) {
            add(FAULTS, count);
        }

        private void add(int index, long more) {
            LONG.setOpaque(counts, index, counts[index] + more);
        }
    }

    /** Returns counters for a new tag. */
    OfTag ofTag() {
        OfTag tag = new OfTag();
        tags.add(tag);
        return tag;
    }

    DriveStats stats(long unflushedWrites, long unflushedBytes, boolean poweredOn) {
        return new DriveStats(
                sum(Operation.READ.ordinal()),
                sum(Operation.WRITE.ordinal()),
                sum(Operation.FLUSH.ordinal()),
                sum(Operation.DISCARD.ordinal()),
                sum(Operation.WRITE_ZEROES.ordinal()),
                sum(FUA_WRITES),
                sum(READ_BYTES),
                sum(WRITTEN_BYTES),
                unflushedWrites,
                unflushedBytes,
                sum(FAULTS),
                poweredOn);
    }

    /** Returns how many FLUSHes so far, failed ones too. */
    long flushes() {
        return flushes.sum();
    }

    private long sum(int index) {
        long sum = 0;
        for (OfTag tag : tags) {
            sum += (long) LONG.getOpaque(tag.counts, index);
        }
        return sum;
    }
}
