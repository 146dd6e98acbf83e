package io.ublkdisk.disk;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** The running totals behind {@link DriveStats}. Counting threads do not get in each other's way. */
final class Counters {
    private final LongAdder[] arrived =
            Stream.generate(LongAdder::new).limit(Operation.values().length).toArray(LongAdder[]::new);
    private final LongAdder fuaWrites = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder faults = new LongAdder();

    void arrived(Request request) {
        arrived[request.operation().ordinal()].increment();
        if (request.operation() == Operation.WRITE && request.fua()) {
            fuaWrites.increment();
        }
    }

    void read(long bytes) {
        readBytes.add(bytes);
    }

    void written(long bytes) {
        writtenBytes.add(bytes);
    }

    void faults(int count) {
        faults.add(count);
    }

    DriveStats stats(long unflushedWrites, long unflushedBytes, boolean poweredOn) {
        return new DriveStats(
                arrived(Operation.READ),
                arrived(Operation.WRITE),
                arrived(Operation.FLUSH),
                arrived(Operation.DISCARD),
                arrived(Operation.WRITE_ZEROES),
                fuaWrites.sum(),
                readBytes.sum(),
                writtenBytes.sum(),
                unflushedWrites,
                unflushedBytes,
                faults.sum(),
                poweredOn);
    }

    /** How many of them so far, failed ones too. */
    long arrived(Operation operation) {
        return arrived[operation.ordinal()].sum();
    }
}
