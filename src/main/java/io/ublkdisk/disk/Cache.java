package io.ublkdisk.disk;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.OutOfPagesException;
import io.ublkdisk.media.PagePool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;

/**
 * The volatile write cache and the media under it. A write is acknowledged when it is here, and durable when a FLUSH or its
 * own FUA has made it so. The cache is two images of the disk over the same pages, and the list of what is between them:
 *
 * <pre>
 *   current   what reads see: every change so far
 *   log       the changes that current has and durable has not, in order, each with its pages
 *   durable   the disk as it was before the first change of the log
 * </pre>
 *
 * <p>So FLUSH takes changes off the beginning of the log and puts their pages, as they are, into {@code durable}: no bytes
 * move. It goes as far as the changes that were there when the FLUSH <i>arrived</i>, and not one further. FUA marks its
 * change in the log as forced: it need not be first in line, because a power cut replays the log in order onto {@code
 * durable} and leaves out only changes that are not forced. What survives beside those is for {@link Survivors} to say.
 *
 * <p>A drive's cache has a size. What does not fit is written back from the oldest on, as drives do: it is durable then
 * though nobody asked. Without a volatile cache {@code current} and {@code durable} are one, and the log is always empty.
 *
 * <p><b>Faults.</b> A FLUSH that lies forces only what it does not lie about; a FUA write that lies is appended as a plain
 * one. While somebody wants stale reads there is a third image, {@code earlier}, of what each sector had before it was last
 * changed. The other faults of the media are the drive's, who sends the sectors elsewhere before they come here.
 *
 * <p><b>Power.</b> Each time that the power goes or comes back a new cycle begins; odd ones are without power. A request
 * belongs to the cycle in which it arrived and is refused in any other, so one that was waiting in the link when the power
 * went never reaches the disk.
 *
 * <p><b>Threads.</b> One lock. Reads share it while they copy; a change moves its bytes before it takes the lock, and
 * holds it for the exchange of pages alone. Every change is there wholly or not at all for whoever has the lock, and so for
 * power cuts and snapshots.
 */
final class Cache implements AutoCloseable {
    /** For {@link #flush}: everything. */
    static final long ALL = Long.MAX_VALUE;

    private final StampedLock lock = new StampedLock();
    private final boolean isVolatile;
    private final long limitPages;
    private final PagePool pool;
    private final BaseFile file;
    private final WriteLog log = new WriteLog();
    private CowMedia current;
    private CowMedia durable;
    /** Null while nobody wants it. */
    private CowMedia earlier;

    private final Promises promises = new Promises();
    private final LongSupplier clock;
    private volatile int powerCycle;
    private volatile long nextSequence = log.next();
    private boolean closed;

    /**
     * Takes over the media and closes it in the end.
     *
     * @param file where what is durable is to be kept; null for memory alone
     */
    Cache(CowMedia media, BaseFile file, boolean isVolatile, long limitBytes, LongSupplier clock) {
        this.clock = clock;
        this.pool = media.pool();
        this.file = file;
        this.isVolatile = isVolatile;
        this.limitPages = limitBytes >> PagePool.PAGE_SHIFT;
        this.current = media;
        this.durable = isVolatile ? media.fork() : media;
    }

    int powerCycle() {
        return powerCycle;
    }

    boolean isPowered() {
        return (powerCycle & 1) == 0;
    }

    /** Whether a request that arrived in that cycle is served now. */
    boolean serves(int cycle) {
        int now = powerCycle;
        return cycle == now && (now & 1) == 0;
    }

    /** One after the newest change: what a FLUSH that arrives now has to cover. */
    long nextSequence() {
        return nextSequence;
    }

    /** @return whether there is power, as with all the requests below; if not, nothing has happened */
    boolean read(int cycle, long sector, int sectorCount, ByteBuffer into) {
        return read(cycle, false, sector, sectorCount, into, 0);
    }

    /** @param stale as it was before it was last changed, for sectors that {@link #keepEarlier} knows of */
    boolean read(int cycle, boolean stale, long sector, int sectorCount, ByteBuffer into, int intoOffset) {
        long stamp = lock.readLock();
        try {
            if (refuses(cycle)) {
                return false;
            }
            (stale && earlier != null ? earlier : current).read(sector, sectorCount, into, intoOffset);
            return true;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** @param pages room for as many as {@link CowMedia#pageCount} says */
    boolean write(int cycle, boolean forced, long sector, int sectorCount, ByteBuffer from, int[] pages) {
        return write(cycle, forced, List.of(), sector, sectorCount, from, 0, pages);
    }

    /** @param lies why it is not forced though it came with FUA */
    boolean write(
            int cycle,
            boolean fua,
            List<LieEffect> lies,
            long sector,
            int sectorCount,
            ByteBuffer from,
            int fromOffset,
            int[] pages) {
        boolean forced = fua && isHonest(lies, sector, sectorCount);
        int count = CowMedia.stage(pool, sector, sectorCount, from, fromOffset, pages);
        long stamp = lock.writeLock();
        try {
            if (refuses(cycle)) {
                pool.release(pages, count);
                return false;
            }
            if (isVolatile) {
                for (int i = 0; i < count; i++) {
                    pool.retain(pages[i]);
                }
            }
            try {
                keepEarlierOf(sector, sectorCount);
            } catch (OutOfPagesException e) {
                pool.release(pages, count);
                throw e;
            }
            current.put(sector, sectorCount, pages);
            if (isVolatile) {
                if (!lies.isEmpty()) {
                    promise(lies, log.next(), log.next() + 1);
                }
                append(Operation.WRITE, forced, sector, sectorCount, pages, count);
            }
            if (forced || !isVolatile) {
                keepInFile();
            }
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** DISCARD and WRITE_ZEROES. */
    boolean zero(int cycle, Operation operation, boolean forced, long sector, int sectorCount) {
        long stamp = lock.writeLock();
        try {
            if (refuses(cycle)) {
                return false;
            }
            keepEarlierOf(sector, sectorCount);
            current.zero(sector, sectorCount);
            if (isVolatile) {
                append(operation, forced, sector, sectorCount, null, 0);
            }
            if (forced || !isVolatile) {
                keepInFile();
            }
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * Changes bytes where they lie, with power or without, since no request does it. It is in the log as a forced change, so that it
     * survives what a power cut does to those before it; what of these sectors was unflushed is durable with it.
     *
     * @param bytes room for the sectors, which are there when {@code change} runs, and are taken from there
     */
    void alter(long sector, int sectorCount, ByteBuffer bytes, Runnable change) {
        int[] pages = new int[CowMedia.pageCount(sector, sectorCount)];
        long stamp = lock.writeLock();
        try {
            checkOpen();
            current.read(sector, sectorCount, bytes, 0);
            change.run();
            int count = CowMedia.stage(pool, sector, sectorCount, bytes, 0, pages);
            if (isVolatile) {
                for (int i = 0; i < count; i++) {
                    pool.retain(pages[i]);
                }
            }
            current.put(sector, sectorCount, pages);
            if (isVolatile) {
                append(Operation.WRITE, true, sector, sectorCount, pages, count);
            }
            keepInFile();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Makes durable every change with a sequence number below that. */
    boolean flush(int cycle, long below) {
        long stamp = lock.writeLock();
        try {
            if (refuses(cycle)) {
                return false;
            }
            settle(below);
            keepInFile();
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** As {@link #flush}, but nothing that a lie is about is made durable. */
    boolean flush(int cycle, long below, List<LieEffect> lies) {
        if (lies.isEmpty()) {
            return flush(cycle, below);
        }
        long stamp = lock.writeLock();
        try {
            if (refuses(cycle)) {
                return false;
            }
            for (long sequence = log.first(); sequence < Math.min(below, log.next()); sequence++) {
                if (isHonest(lies, log.sector(sequence), log.sectorCount(sequence))) {
                    log.force(sequence);
                }
            }
            settle(0);
            promise(lies, 0, below);
            keepInFile();
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * Whether {@link #read} is to know what sectors had before they were last changed. It knows so from now on: of a sector
     * that has not been changed since, that is what it has. It begins anew when the power goes and when the disk is rewound.
     */
    void keepEarlier(boolean wanted) {
        long stamp = lock.writeLock();
        try {
            if (!closed && wanted != (earlier != null)) {
                if (wanted) {
                    earlier = current.fork();
                } else {
                    earlier.close();
                    earlier = null;
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** The disk that a power cut now would leave, which goes on here as if nothing were. The caller's, to close. */
    CowMedia crashImage(Survivors survivors) {
        long stamp = lock.writeLock();
        try {
            checkOpen();
            keepPromises();
            return new CrashImage(durable, log, survivors).media();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    PowerCut powerCut(Survivors survivors) {
        long stamp = lock.writeLock();
        try {
            checkOpen();
            if (!isPowered()) {
                throw new IllegalStateException("the power of the disk is off already; call powerOn() first");
            }
            keepPromises();
            CrashImage image = new CrashImage(durable, log, survivors);
            replaceBy(image.media());
            powerCycle++;
            keepInFile();
            return image.report();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** @return false if it was on */
    boolean powerOn() {
        long stamp = lock.writeLock();
        try {
            checkOpen();
            if (isPowered()) {
                return false;
            }
            powerCycle++;
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** What reads see now, all of it durable there. The caller's, to close. */
    CowMedia fork() {
        long stamp = lock.readLock();
        try {
            checkOpen();
            return current.fork();
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /**
     * From now on the disk is this one, all of it durable. Takes over the media.
     *
     * @throws IllegalArgumentException if the media cannot be that of this disk
     */
    void rewind(CowMedia media) {
        long stamp = lock.writeLock();
        try {
            checkOpen();
            if (media.pool() != pool || file != null && media.base() != file) {
                throw new IllegalArgumentException(
                        "the snapshot is of a disk with other memory or another file; rewind to one of this disk");
            }
            replaceBy(media);
        } catch (IllegalArgumentException | IllegalStateException e) {
            media.close();
            throw e;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    List<Change> unflushed() {
        long stamp = lock.writeLock();
        try {
            keepPromises();
            List<Change> changes = new ArrayList<>(log.losable());
            for (long sequence = log.first(); sequence < log.next(); sequence++) {
                if (!log.forced(sequence)) {
                    changes.add(log.change(sequence, changes.size() + 1));
                }
            }
            return changes;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    int unflushedCount() {
        long stamp = lock.writeLock();
        try {
            keepPromises();
            return log.losable();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    long unflushedBytes() {
        long stamp = lock.writeLock();
        try {
            keepPromises();
            return log.losableBytes();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Gives all memory back. Every later request is refused. Idempotent. A drive on a file is flushed first. */
    @Override
    public void close() {
        long stamp = lock.writeLock();
        try {
            if (!closed) {
                if (file != null) {
                    writeAllToFile();
                }
                closed = true;
                powerCycle |= 1;
                forgetLog();
                current.close();
                durable.close();
                if (earlier != null) {
                    earlier.close();
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void writeAllToFile() {
        if (isFileShared()) {
            throw new IllegalStateException(
                    "snapshots or forks of the disk are open, so its file cannot be brought up to date; close them first");
        }
        settle(ALL);
        keepInFile();
    }

    private void replaceBy(CowMedia media) {
        forgetLog();
        current.close();
        durable.close();
        current = media;
        durable = isVolatile ? media.fork() : media;
        if (earlier != null) {
            earlier.close();
            earlier = media.fork();
        }
    }

    private void keepEarlierOf(long sector, int sectorCount) {
        if (earlier != null) {
            earlier.copy(current, sector, sectorCount);
        }
    }

    private static boolean isHonest(List<LieEffect> lies, long sector, int sectorCount) {
        return lies.isEmpty() || lies.stream().noneMatch(lie -> lie.isAbout(sector, sectorCount));
    }

    private void promise(List<LieEffect> lies, long from, long below) {
        for (LieEffect lie : lies) {
            promises.make(clock.getAsLong(), from, below, lie);
        }
    }

    private void keepPromises() {
        if (!promises.isEmpty() && promises.keep(clock.getAsLong(), log)) {
            settle(0);
            keepInFile();
        }
    }

    private void forgetLog() {
        promises.forget();
        while (!log.isEmpty()) {
            for (int i = 0; i < log.pageCount(log.first()); i++) {
                pool.release(log.page(log.first(), i));
            }
            log.removeFirst();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the disk is closed; make another one");
        }
    }

    private void append(Operation operation, boolean forced, long sector, int sectorCount, int[] pages, int count) {
        log.append(operation, forced, sector, sectorCount, pages, count);
        nextSequence = log.next();
        settle(0);
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

    /** Of a drive on a file: the file has what is durable. Not while forks and snapshots need it as it is. */
    private void keepInFile() {
        if (file == null || isFileShared()) {
            return;
        }
        durable.writeToFile();
        if (log.isEmpty() && current != durable) {
            current.close();
            current = durable.fork();
        }
    }

    private boolean isFileShared() {
        return file.users() > (current == durable ? 1 : 2);
    }

    private boolean refuses(int cycle) {
        return !serves(cycle);
    }
}
