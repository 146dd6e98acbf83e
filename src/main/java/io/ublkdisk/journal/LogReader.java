package io.ublkdisk.journal;

import static io.ublkdisk.journal.LogFormat.ENTRY_BYTES;
import static io.ublkdisk.journal.LogFormat.SUPER_BYTES;

import io.ublkdisk.block.Sectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads a log in the format of dm-log-writes, entry by entry: a file, or the log device itself. Trusts nothing in it: whatever is
 * not as the kernel would have written it is a {@link LogFormatException}. Not thread-safe.
 */
public final class LogReader implements AutoCloseable {
    private static final int LARGEST_SECTOR = 64 << 10;
    /** More than any disk has. */
    private static final long MANY_SECTORS = 1L << 48;

    private final Path path;
    private final FileChannel file;
    private final long size;
    private final long entryCount;
    private final int sectorBytes;
    private final ByteBuffer header;
    private long at;
    private long next;

    /** @throws LogFormatException if it is no such log */
    public LogReader(Path path) throws IOException {
        this.path = path;
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            this.size = file.size();
            ByteBuffer first = LogFormat.sector(SUPER_BYTES);
            if (size < SUPER_BYTES) {
                throw wrong("has " + size + " bytes and is no log of dm-log-writes, whose super block alone has more");
            }
            fill(first, 0);
            if (first.getLong(0) != LogFormat.MAGIC) {
                throw wrong(String.format(
                        "is no log of dm-log-writes: it begins with %#x, and such logs with %#x",
                        first.getLong(0), LogFormat.MAGIC));
            }
            if (first.getLong(8) != LogFormat.VERSION) {
                throw wrong("is a log of dm-log-writes of version " + first.getLong(8) + "; this reads version "
                        + LogFormat.VERSION);
            }
            this.entryCount = first.getLong(16);
            this.sectorBytes = first.getInt(24);
            if (sectorBytes < Sectors.BYTES || sectorBytes > LARGEST_SECTOR || Integer.bitCount(sectorBytes) != 1) {
                throw wrong("is damaged: its super block says that sectors have " + sectorBytes
                        + " bytes; a power of two from 512 to " + LARGEST_SECTOR + " can be");
            }
            if (entryCount < 0) {
                throw wrong("is damaged: its super block says that it has " + entryCount + " entries");
            }
            this.header = LogFormat.sector(sectorBytes);
            this.at = sectorBytes;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /** Returns how many entries there are, as the super block says. */
    public long entryCount() {
        return entryCount;
    }

    /** Returns the unit of the log, in bytes. */
    public int sectorBytes() {
        return sectorBytes;
    }

    /** Back to the first entry. */
    public void rewind() {
        at = sectorBytes;
        next = 0;
    }

    /**
     * Returns the next entry.
     *
     * @return null at the end
     * @throws LogFormatException if the log is cut off, or what stands there is no entry
     */
    public LogEntry next() throws IOException {
        if (next == entryCount) {
            return null;
        }
        if (at > size - sectorBytes) {
            throw cutOff("begins");
        }
        fill(header, at);
        long flags = header.getLong(16);
        long textLength = header.getLong(24);
        boolean isMark = (flags & LogEntry.MARK) != 0;
        if ((flags & ~LogEntry.ALL_FLAGS) != 0) {
            throw damaged(String.format("has the flags %#x, of which %#x are known", flags, LogEntry.ALL_FLAGS));
        }
        if (isMark ? textLength < 0 || textLength > sectorBytes - ENTRY_BYTES : textLength != 0) {
            throw damaged("says that " + textLength + " bytes belong to it" + (isMark ? "" : ", and is no mark"));
        }
        int factor = sectorBytes / Sectors.BYTES;
        long sector = count(header.getLong(0), "sector", factor);
        long sectorCount = count(header.getLong(8), "number of sectors", factor);
        if (flags == 0 && sectorCount == 0) {
            throw damaged("is empty: no sectors, and no flags");
        }
        if (sectorCount > 0 && isMark) {
            throw damaged("is a mark, and has sectors");
        }
        String text = isMark ? new String(header.array(), ENTRY_BYTES, (int) textLength, StandardCharsets.UTF_8) : "";
        LogEntry entry = new LogEntry(next, (int) flags, sector, sectorCount, text, at + sectorBytes);
        long end = entry.dataAt() + (entry.hasData() ? entry.lengthBytes() : 0);
        if (end > size) {
            throw cutOff("ends");
        }
        at = end;
        next++;
        return entry;
    }

    private long count(long inLog, String what, int factor) throws LogFormatException {
        if (inLog < 0 || inLog > MANY_SECTORS) {
            throw damaged("says that its " + what + " is " + Long.toUnsignedString(inLog));
        }
        return inLog * factor;
    }

    /** Reads data of an entry. @param from how many bytes of it to leave out; fills the buffer to its limit */
    public void read(LogEntry entry, long from, ByteBuffer into) throws IOException {
        if (!entry.hasData() || from + into.remaining() > entry.lengthBytes()) {
            throw new IllegalArgumentException(
                    "entry " + entry + " has no " + into.remaining() + " bytes from " + from + " on");
        }
        fill(into, entry.dataAt() + from);
    }

    /** Reads from the buffer's position to its limit, which are afterwards what they were. */
    private void fill(ByteBuffer into, long from) throws IOException {
        int start = into.position();
        long to = from;
        while (into.hasRemaining()) {
            int count = file.read(into, to);
            if (count < 0) {
                throw wrong("ends at byte " + to + " while it is read; is a process writing it?");
            }
            to += count;
        }
        into.position(start);
    }

    private LogFormatException wrong(String what) {
        return new LogFormatException(path + " " + what);
    }

    private LogFormatException damaged(String what) {
        return wrong("is damaged: entry " + next + " of " + entryCount + ", at byte " + at + ", " + what);
    }

    private LogFormatException cutOff(String what) {
        return wrong("is cut off: entry " + next + " of " + entryCount + ", which begins at byte " + at + ", " + what
                + " past the end of the file, which has " + size + " bytes; what is before it can be replayed: --limit "
                + next);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
