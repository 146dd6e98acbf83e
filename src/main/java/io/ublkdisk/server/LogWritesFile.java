package io.ublkdisk.server;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DurableOrder;
import io.ublkdisk.disk.DurableWitness;
import io.ublkdisk.disk.PageRun;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.journal.LogEntry;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.media.CowMedia;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what becomes durable on a disk, with its data, to a file in the format of dm-log-writes, by a thread of its own: no
 * request waits for the file. The log begins with what the disk has, so that replaying it onto zeroes makes the disk.
 *
 * <p>What is not in the file yet is held in memory as pages, which the disk shares; {@value #LIMIT_BYTES} bytes of them at most.
 * When more come than the file takes, or it cannot be written, because there is no space say, that is the end of the log and not
 * of the disk: the journal and the log of the server say so, and what is in the file can be replayed.
 */
final class LogWritesFile implements DurableWitness, AutoCloseable {
    private static final long LIMIT_BYTES = 256L << 20;
    private static final Duration PUBLISH = Duration.ofMillis(200);
    private static final Duration PARTING = Duration.ofSeconds(30);

    /** Something to write. */
    private interface Item {
        void write(LogWriter log) throws IOException;

        /** What it held is given back. */
        default void forget() {}
    }

    private final long limitBytes;
    private final Path path;
    private final Journal journal;
    private final DurableOrder order;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private ByteBuffer run = ByteBuffer.allocateDirect(1 << 20);
    private final Bounded<Boolean> writing;
    /** Nothing is taken any more; why, or empty where it was to end. */
    private volatile String ended;

    private volatile long entries;
    private volatile long bytes;

    /**
     * Begins the file anew.
     *
     * @param path as the client calls it
     * @param here where that is for this process
     * @throws IOException if it cannot even be begun
     */
    LogWritesFile(Drive drive, Path path, Path here, Journal journal) throws IOException {
        this(drive, path, here, journal, LIMIT_BYTES);
    }

    LogWritesFile(Drive drive, Path path, Path here, Journal journal, long limitBytes) throws IOException {
        this.limitBytes = limitBytes;
        this.path = path;
        this.journal = journal;
        LogWriter log = new LogWriter(here);
        add(file -> file.mark(OwnMarks.size(drive.sizeBytes())));
        this.order = drive.show(this);
        this.writing = Bounded.start("ublkdisk-log-writes", () -> {
            write(log);
            return true;
        });
    }

    Path path() {
        return path;
    }

    /** How many are in the file. */
    long entries() {
        return entries;
    }

    long bytes() {
        return bytes;
    }

    /** Why it has ended before its time; empty if it has not. */
    String endedBy() {
        String why = ended;
        return why == null ? "" : why;
    }

    void mark(String text) {
        add(log -> log.mark(text));
    }

    private void add(Item item) {
        if (ended == null) {
            items.add(item);
        } else {
            item.forget();
        }
    }

    @Override
    public void contents(CowMedia media, boolean exchanged) {
        add(new Item() {
            @Override
            public void write(LogWriter log) throws IOException {
                try (media) {
                    begin(media, exchanged, log);
                }
            }

            @Override
            public void forget() {
                media.close();
            }
        });
    }

    @Override
    public void changed(Operation operation, boolean forced, long sector, int sectorCount, PageRun data) {
        int flags = forced ? LogEntry.FUA : 0;
        if (operation == Operation.DISCARD) {
            add(log -> log.discard(sector, sectorCount));
        } else if (operation == Operation.WRITE_ZEROES) {
            // The kernel's target takes no such requests, and is sent zeroes.
            add(log -> log.zeroes(sector, sectorCount, flags));
        } else {
            long held = data.heldBytes();
            if (waitingBytes.addAndGet(held) > limitBytes && ended == null) {
                ended = "more than " + (limitBytes >> 20) + " MiB came faster than it takes them; use a faster place";
            }
            add(new Item() {
                @Override
                public void write(LogWriter log) throws IOException {
                    int length = sectorCount << Sectors.SHIFT;
                    if (length > run.capacity()) {
                        run = ByteBuffer.allocateDirect(length);
                    }
                    run.clear().limit(length);
                    data.read(run);
                    forget();
                    log.write(sector, flags, run);
                }

                @Override
                public void forget() {
                    data.close();
                    waitingBytes.addAndGet(-held);
                }
            });
        }
    }

    @Override
    public void flushed() {
        add(LogWriter::flush);
    }

    @Override
    public void end(String why) {
        add(log -> log.mark(OwnMarks.END));
        if (ended == null) {
            ended = "";
        }
    }

    private static void begin(CowMedia media, boolean exchanged, LogWriter log) throws IOException {
        MediaLog bytes = new MediaLog(log);
        if (exchanged) {
            log.mark(OwnMarks.EXCHANGED);
            bytes.instead(media);
        } else {
            bytes.all(media);
        }
        log.flush();
        log.mark(exchanged ? OwnMarks.CONTINUES : OwnMarks.START);
    }

    private void write(LogWriter opened) throws InterruptedException {
        try (LogWriter log = opened) {
            for (Item item = next(log); item != null; item = next(log)) {
                item.write(log);
                entries = log.entries();
                bytes = log.bytes();
            }
        } catch (IOException e) {
            ended = e.getMessage();
        } finally {
            order.close();
            if (!endedBy().isEmpty()) {
                String text = "the writes are not logged to " + path + " any more (" + endedBy()
                        + "); the disk goes on, and what is in the file can be replayed";
                Log.say(text);
                journal.event(Entry.Kind.JOURNAL, text);
            }
            items.forEach(Item::forget);
            items.clear();
        }
    }

    /** Null when all is written and nothing more comes, or it was broken off. */
    private Item next(LogWriter log) throws IOException, InterruptedException {
        while (endedBy().isEmpty()) {
            boolean isLast = ended != null;
            Item item = items.poll(isLast ? 0 : PUBLISH.toMillis(), TimeUnit.MILLISECONDS);
            if (item != null || isLast) {
                return item;
            }
            log.publish();
        }
        return null;
    }

    /** What has been shown is in the file, unless that takes very long. */
    @Override
    public void close() {
        order.close();
        if (!writing.await(PARTING)) {
            Log.say("the log of the writes is not wholly in " + path + ", which takes more than " + PARTING.toSeconds()
                    + " s");
            ended = "the disk has ended before all was written";
        }
    }
}
