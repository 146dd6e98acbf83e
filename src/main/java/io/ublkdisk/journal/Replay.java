package io.ublkdisk.journal;

import io.ublkdisk.block.Sectors;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Does once more what a log of dm-log-writes says. The part of the log that is asked for is read through first: one that is
 * damaged, or does not fit, changes nothing.
 */
public final class Replay {
    private static final int CHUNK_BYTES = 1 << 20;

    /** Where it goes. */
    public interface Target {
        /** Returns how large it is, in bytes; {@link Long#MAX_VALUE} where it grows. */
        long sizeBytes();

        /** Writes from the buffer's position to its limit. */
        void write(long offsetBytes, ByteBuffer data) throws IOException;

        /** Makes these bytes zeroes. */
        void zero(long offsetBytes, long lengthBytes) throws IOException;
    }

    /** What was done. @param writtenBytes without what was discarded @param last null if there was none */
    public record Summary(long entries, long writtenBytes, long discardedBytes, LogEntry last) {}

    private final LogReader log;
    private final Target target;
    private final boolean discards;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private long entries;
    private long written;
    private long discarded;
    private LogEntry last;

    /** @param discards whether what was discarded is to be zeroes; else it stays as it is */
    public Replay(LogReader log, Target target, boolean discards) {
        this.log = log;
        this.target = target;
        this.discards = discards;
    }

    /** @param afterEach is shown each entry when it has been done */
    public Summary run(LogPart part, LogPart.Visitor afterEach) throws IOException {
        part.visit(log, this::checkFits);
        part.visit(log, entry -> {
            replay(entry);
            afterEach.visit(entry);
        });
        return new Summary(entries, written, discarded, last);
    }

    private void checkFits(LogEntry entry) throws LogFormatException {
        if (entry.offsetBytes() > target.sizeBytes() - entry.lengthBytes()) {
            throw new LogFormatException("entry " + entry + " of " + log.path() + " goes to byte "
                    + (entry.offsetBytes() + entry.lengthBytes()) + ", and " + target + " has " + target.sizeBytes()
                    + "; the log is of a larger disk (" + Sectors.ofBytes(target.sizeBytes())
                    + " sectors are too few)");
        }
    }

    private void replay(LogEntry entry) throws IOException {
        if (entry.hasData()) {
            for (long done = 0; done < entry.lengthBytes(); done += chunk.limit()) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, entry.lengthBytes() - done));
                log.read(entry, done, chunk);
                target.write(entry.offsetBytes() + done, chunk);
            }
            written += entry.lengthBytes();
        } else if (entry.isDiscard() && discards) {
            target.zero(entry.offsetBytes(), entry.lengthBytes());
            discarded += entry.lengthBytes();
        }
        entries++;
        last = entry;
    }
}
