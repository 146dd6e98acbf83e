package io.ublkdisk.server.log;

import io.ublkdisk.cache.DurableOrder;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what becomes durable on a disk, with its data, to a file in the format of dm-log-writes. It has a thread of its
 * own: no request waits for the file. The log begins with what the disk has, so that replaying it onto zeroes makes the
 * disk.
 *
 * <p>What is not in the file yet is held in memory as pages, which the disk shares; {@value #LIMIT_BYTES} bytes of them at
 * most. When more come than the file takes, or it cannot be written (no space, for instance), the log ends and the disk
 * goes on. The journal and the log of the server say so, and what is in the file can be replayed.
 */
public final class LogWritesFile extends DurableLog implements AutoCloseable {
    private static final long LIMIT_BYTES = 256L << 20;
    private static final Duration PUBLISH = Duration.ofMillis(200);
    private static final Duration PARTING = Duration.ofSeconds(30);

    private final long limitBytes;
    private final Path path;
    private final Journal journal;
    private final DurableOrder order;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final TimeLimitedTask<Boolean> writing;
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
    public LogWritesFile(Drive drive, Path path, Path here, Journal journal) throws IOException {
        this(drive, path, here, journal, LIMIT_BYTES);
    }

    public LogWritesFile(Drive drive, Path path, Path here, Journal journal, long limitBytes) throws IOException {
        this.limitBytes = limitBytes;
        this.path = path;
        this.journal = journal;
        LogWriter log = new LogWriter(here);
        mark(OwnMarks.size(drive.sizeBytes()));
        this.order = new DurableOrder(drive.pool(), this, drive.cache());
        this.writing = TimeLimitedTask.start("ublkdisk-log-writes", () -> {
            write(log);
            return true;
        });
    }

    public Path path() {
        return path;
    }

    /** Returns how many are in the file. */
    public long entries() {
        return entries;
    }

    public long bytes() {
        return bytes;
    }

    /** Returns why it has ended before its time; empty if it has not. */
    public String endedBy() {
        String why = ended;
        return why == null ? "" : why;
    }

    @Override
    void add(Item item) {
        if (ended == null && waitingBytes.addAndGet(item.heldBytes()) > limitBytes) {
            ended = "more than " + (limitBytes >> 20) + " MiB came faster than it takes them; use a faster place";
        }
        if (ended == null) {
            items.add(item);
        } else {
            item.forget();
        }
    }

    @Override
    public void end(String why) {
        super.end(why);
        if (ended == null) {
            ended = "";
        }
    }

    private void write(LogWriter opened) throws InterruptedException {
        try (LogWriter log = opened) {
            for (Item item = next(log); item != null; item = next(log)) {
                long held = item.heldBytes();
                item.write(log);
                waitingBytes.addAndGet(-held);
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

    /** Closes the file, with all in it that has been shown, unless that takes very long. */
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
