package io.ublkdisk.cache;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.util.Arrays;

/**
 * Two images of the disk over the same pages, and the list of what is between them:
 *
 * <pre>
 *   current   what reads see: every change so far
 *   log       the changes that current has and durable has not, in order, each with its pages
 *   durable   the disk as it was before the first change of the log
 * </pre>
 *
 * <p>Making a change durable takes it off the beginning of the log and puts its pages, as they are, into {@code durable}: no
 * bytes move. On a disk without a volatile cache {@code current} and {@code durable} are one, and the log is always empty.
 *
 * <p>While a rule wants stale reads there is a third image, {@code earlier}, of what each sector had before it was last
 * changed; listeners are told of every change. Not thread-safe; the cache's lock guards it.
 */
final class Images implements AutoCloseable {
    private static final int[] NO_PAGES = {};

    private final PagePool pool;
    private final BaseFile file;
    private final boolean isVolatile;
    private final long limitPages;
    private final WriteLog log = new WriteLog();
    private CowMedia current;
    private CowMedia durable;
    /** Null while no rule wants it. */
    private CowMedia earlier;
    /** Who is told of every change: mostly none. */
    private ChangeListener[] listeners = {};

    private boolean closed;

    /** @param file where what is durable is to be kept; null for memory alone */
    Images(CowMedia media, BaseFile file, boolean isVolatile, long limitBytes) {
        this.pool = media.pool();
        this.file = file;
        this.isVolatile = isVolatile;
        this.limitPages = limitBytes >> PagePool.PAGE_SHIFT;
        this.current = media;
        this.durable = isVolatile ? media.fork() : media;
    }

    CowMedia current() {
        return current;
    }

    CowMedia durable() {
        return durable;
    }

    /** Returns what stale reads see; {@link #current} while no rule wants them. */
    CowMedia earlier() {
        return earlier == null ? current : earlier;
    }

    WriteLog log() {
        return log;
    }

    boolean isVolatile() {
        return isVolatile;
    }

    void keepEarlier(boolean wanted) {
        if (wanted && earlier == null) {
            earlier = current.fork();
        } else if (!wanted && earlier != null) {
            earlier.close();
            earlier = null;
        }
    }

    /** Tells it of all that happens from now on, and first of what is unflushed now. */
    void tell(ChangeListener listener) {
        listeners = Arrays.copyOf(listeners, listeners.length + 1);
        listeners[listeners.length - 1] = listener;
        listener.begin(durable, log);
    }

    void tellNoMore(ChangeListener listener, String why) {
        ChangeListener[] others =
                Arrays.stream(listeners).filter(l -> l != listener).toArray(ChangeListener[]::new);
        if (others.length < listeners.length) {
            listeners = others;
            listener.end(why);
        }
    }

    /** Returns how many owners a staged page needs: the image, and the log if there is one. */
    int owners() {
        return isVolatile ? 2 : 1;
    }

    /** Puts staged pages in their places and in the log, who are their {@link #owners} from now on, unless this throws. */
    void write(int requestFlags, long sector, int sectorCount, int[] pages, int count) {
        int flags = flags(requestFlags);
        keepEarlierOf(sector, sectorCount);
        current.put(sector, sectorCount, pages);
        for (ChangeListener listener : listeners) {
            listener.changed(Operation.WRITE, flags, sector, sectorCount, pages, count);
        }
        if (isVolatile) {
            append(Operation.WRITE, flags, sector, sectorCount, pages, count);
        }
        if (WriteLog.isForced(flags)) {
            keepInFile();
        }
    }

    /** DISCARD and WRITE_ZEROES. */
    void zero(Operation operation, int requestFlags, long sector, int sectorCount) {
        int flags = flags(requestFlags);
        keepEarlierOf(sector, sectorCount);
        current.zero(sector, sectorCount);
        for (ChangeListener listener : listeners) {
            listener.changed(operation, flags, sector, sectorCount, NO_PAGES, 0);
        }
        if (isVolatile) {
            append(operation, flags, sector, sectorCount, null, 0);
        }
        if (WriteLog.isForced(flags)) {
            keepInFile();
        }
    }

    /** Returns the flags of the change: without a volatile cache all changes are forced. */
    private int flags(int requestFlags) {
        return isVolatile ? requestFlags : requestFlags | Request.FUA;
    }

    private void append(Operation operation, int flags, long sector, int sectorCount, int[] pages, int count) {
        log.append(operation, flags, sector, sectorCount, pages, count);
        settle(0);
    }

    /** Makes durable every change with a sequence number below that. */
    void flush(long below) {
        settle(below);
        for (ChangeListener listener : listeners) {
            listener.flushed(below);
        }
        keepInFile();
    }

    /** Makes that change survive every power cut from now on. */
    void force(long sequence) {
        log.force(sequence);
        for (ChangeListener listener : listeners) {
            listener.forced(sequence);
        }
    }

    /** Moves what has been forced and is first in line to its place in the durable image. */
    void settleForced() {
        settle(0);
        keepInFile();
    }

    /** Moves to durable what must go, what is forced and first in line, and what does not fit. */
    private void settle(long below) {
        while (!log.isEmpty() && (log.first() < below || log.forced(log.first()) || log.heldPages() > limitPages)) {
            long sequence = log.first();
            long sector = log.sector(sequence);
            if (log.operation(sequence) == Operation.WRITE) {
                long index = sector / PagePool.PAGE_SECTORS;
                int count = log.pageCount(sequence);
                for (int i = 0; i < count; i++) {
                    durable.putPage(index + i, log.page(sequence, i));
                }
            } else {
                durable.zero(sector, log.sectorCount(sequence));
            }
            log.removeFirst();
        }
    }

    /** Writes what is durable to the file, if the drive has one. Does not while forks and snapshots need the file as it is. */
    void keepInFile() {
        if (file == null || isFileShared()) {
            return;
        }
        durable.writeToFile();
        if (log.isEmpty() && current != durable) {
            current.close();
            current = durable.fork();
        }
    }

    /** Returns whether the disk could go on with this media. */
    boolean canBecome(CowMedia media) {
        return media.pool() == pool && (file == null || media.base() == file);
    }

    /** Makes this the contents of the disk, all of it durable. Takes over the media. */
    void become(CowMedia media) {
        forgetLog();
        current.close();
        durable.close();
        current = media;
        durable = isVolatile ? media.fork() : media;
        if (earlier != null) {
            earlier.close();
            earlier = media.fork();
        }
        for (ChangeListener listener : listeners) {
            if (!listener.exchanged(durable, log)) {
                tellNoMore(listener, "the contents of the disk were exchanged, by a power cut or a rewind");
            }
        }
    }

    /** @throws IllegalStateException if the file of the disk cannot be brought up to date */
    void finishFile() {
        if (file == null) {
            return;
        }
        if (isFileShared()) {
            throw new IllegalStateException(
                    "snapshots or forks of the disk are open, so its file cannot be brought up to date; close them first");
        }
        settle(WriteCache.ALL);
        keepInFile();
    }

    boolean isClosed() {
        return closed;
    }

    /** @throws IllegalStateException if the disk is closed */
    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the disk is closed; make another one");
        }
    }

    @Override
    public void close() {
        closed = true;
        for (ChangeListener listener : listeners) {
            tellNoMore(listener, "the disk was closed");
        }
        forgetLog();
        current.close();
        durable.close();
        if (earlier != null) {
            earlier.close();
        }
    }

    private boolean isFileShared() {
        return file.users() > (current == durable ? 1 : 2);
    }

    private void keepEarlierOf(long sector, int sectorCount) {
        if (earlier != null) {
            earlier.copy(current, sector, sectorCount);
        }
    }

    private void forgetLog() {
        while (!log.isEmpty()) {
            for (int i = 0; i < log.pageCount(log.first()); i++) {
                pool.release(log.page(log.first(), i));
            }
            log.removeFirst();
        }
    }
}
