package io.ublkdisk.journal;

import io.ublkdisk.block.Sectors;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a log in the format of dm-log-writes, {@code struct log_write_entry} of {@code drivers/md/dm-log-writes.c}.
 *
 * @param number its place in the log, from 0, as xfstests' replay-log counts
 * @param flags {@link #FLUSH} and its kin
 * @param sector the first, in units of 512 bytes, whatever the log's own are
 * @param sectorCount in the same units; 0 for a mark and a flush
 * @param mark the text of a mark; empty for everything else
 * @param dataAt where in the log its data is, in bytes
 */
public record LogEntry(long number, int flags, long sector, long sectorCount, String mark, long dataAt) {
    /** All that was logged before it is durable. */
    public static final int FLUSH = 1;
    /** The write was durable before it completed. */
    public static final int FUA = 1 << 1;
    /** The range is no longer needed. Has no data. */
    public static final int DISCARD = 1 << 2;
    /** A line of text. */
    public static final int MARK = 1 << 3;
    /** The filesystem called the write metadata. */
    public static final int METADATA = 1 << 4;

    static final int ALL_FLAGS = FLUSH | FUA | DISCARD | MARK | METADATA;

    public boolean isFlush() {
        return (flags & FLUSH) != 0;
    }

    public boolean isFua() {
        return (flags & FUA) != 0;
    }

    public boolean isDiscard() {
        return (flags & DISCARD) != 0;
    }

    public boolean isMark() {
        return (flags & MARK) != 0;
    }

    public boolean hasData() {
        return sectorCount > 0 && !isDiscard();
    }

    public long offsetBytes() {
        return Sectors.toBytes(sector);
    }

    public long lengthBytes() {
        return Sectors.toBytes(sectorCount);
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>(List.of(number + ":"));
        if (isMark()) {
            words.add("mark \"" + mark + "\"");
        } else if (sectorCount > 0) {
            words.add((isDiscard() ? "discard " : "write ") + sector + "+" + sectorCount);
        }
        if (isFlush()) {
            words.add("flush");
        }
        if (isFua()) {
            words.add("fua");
        }
        if ((flags & METADATA) != 0) {
            words.add("metadata");
        }
        return String.join(" ", words);
    }
}
