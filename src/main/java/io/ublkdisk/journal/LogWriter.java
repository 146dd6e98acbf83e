package io.ublkdisk.journal;

import static io.ublkdisk.journal.LogFormat.ENTRY_BYTES;
import static io.ublkdisk.journal.LogFormat.LONGEST_MARK_BYTES;

import io.ublkdisk.block.Sectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes a log in the format of dm-log-writes. Its sectors have 512 bytes. Readers see what was there when {@link #publish} was
 * called last, so a log whose writer died is a shorter log. Not thread-safe.
 */
public final class LogWriter implements AutoCloseable {
    private static final int SECTOR = Sectors.BYTES;
    private static final byte[] NO_BYTES = {};
    private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

    private final FileChannel file;
    private final ByteBuffer header = LogFormat.sector(SECTOR);
    private long end = SECTOR;
    private long entries;
    private long published = -1;

    /** Begins the file anew. @throws IOException if it cannot, or a disk server has it in use */
    public LogWriter(Path path) throws IOException {
        file = SameFile.begin(path);
        try {
            publish();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Returns how many entries there are. */
    public long entries() {
        return entries;
    }

    /** Returns how long the log is. */
    public long bytes() {
        return end;
    }

    /** @param text cut off behind the 479 bytes that fit; its line feeds and zeroes are blanks in the log */
    public void mark(String text) throws IOException {
        byte[] bytes = text.replaceAll("[\\x00\\n]", " ").getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, LONGEST_MARK_BYTES);
        while (length < bytes.length && (bytes[length] & 0xc0) == 0x80) {
            length--; // not in the middle of a character
        }
        add(0, 0, LogEntry.MARK, Arrays.copyOf(bytes, length), NO_DATA);
    }

    public void flush() throws IOException {
        add(0, 0, LogEntry.FLUSH, NO_BYTES, NO_DATA);
    }

    /** @param sectorCount of 512 bytes */
    public void discard(long sector, long sectorCount) throws IOException {
        add(sector, sectorCount, LogEntry.DISCARD, NO_BYTES, NO_DATA);
    }

    /**
     * Adds a write.
     *
     * @param flags {@link LogEntry#FUA}, {@link LogEntry#METADATA} or 0
     * @param data from its position to its limit: whole sectors
     */
    public void write(long sector, int flags, ByteBuffer data) throws IOException {
        add(sector, Sectors.ofBytes(data.remaining()), flags, NO_BYTES, data);
    }

    /** Adds a write of zeroes, which take no room in the log where its filesystem has holes. */
    public void zeroes(long sector, long sectorCount, int flags) throws IOException {
        add(sector, sectorCount, flags, NO_BYTES, NO_DATA);
    }

    /** Adds an entry; if it cannot be written whole, it is not there. */
    private void add(long sector, long sectorCount, int flags, byte[] text, ByteBuffer data) throws IOException {
        header.clear();
        header.putLong(sector).putLong(sectorCount).putLong(flags).putLong(text.length);
        header.put(text).put(new byte[SECTOR - ENTRY_BYTES - text.length]).flip();
        put(header, end);
        put(data, end + SECTOR);
        end += SECTOR + ((flags & LogEntry.DISCARD) != 0 ? 0 : Sectors.toBytes(sectorCount));
        entries++;
    }

    private void put(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += file.write(bytes, to);
        }
    }

    /** Shows readers all that is there. Cheap if nothing is new. */
    public void publish() throws IOException {
        if (published == entries) {
            return;
        }
        if (file.size() < end && entries > 0) {
            put(ByteBuffer.allocate(1), end - 1); // the last zeroes are a hole
        }
        header.clear();
        header.putLong(LogFormat.MAGIC)
                .putLong(LogFormat.VERSION)
                .putLong(entries)
                .putInt(SECTOR);
        header.put(new byte[header.remaining()]).flip();
        put(header, 0);
        published = entries;
    }

    /** Publishes what is there. */
    @Override
    public void close() throws IOException {
        try (file) {
            publish();
        }
    }
}
