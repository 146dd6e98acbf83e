package io.ublkdisk.cache;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.CacheEffect;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.OutOfPagesException;
import io.ublkdisk.media.PagePool;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;

/**
 * The volatile write cache and the media under it. A write is acknowledged when it is here. It is durable when a FLUSH or its
 * own FUA has made it so. {@link Images} has the disk before and after.
 *
 * <p>A FLUSH covers the changes that were there when the FLUSH <i>arrived</i>, and no later ones. FUA marks its change as
 * forced. A forced change need not be first in line: a power cut replays the log in order onto what is durable, and leaves out
 * only changes that are not forced. {@link SurvivalPolicy} decides which of these survive all the same.
 *
 * <p>A drive's cache has a size. When it is full the oldest changes are written back, as drives do: they are durable then
 * without a flush. Without a volatile cache everything is durable at once.
 *
 * <p><b>Faults.</b> {@link DeferredDurability} has the lies about FLUSH and FUA. {@link FaultyRequests} damages the bytes of a
 * request, and finds its sectors, before they come here.
 *
 * <p><b>Power.</b> A request belongs to the {@linkplain PowerSupply power cycle} in which it arrived, and is refused in any
 * other. So a request that waited in the link when the power went never reaches the disk, unless {@link #powerCut} tears it.
 *
 * <p><b>Threads.</b> One lock. A read copies without it, and copies again with it, shared, if something has changed meanwhile.
 * A change moves its bytes before it takes the lock, and holds the lock only to exchange pages. A thread that has the lock
 * sees each change wholly or not at all, and so do power cuts and snapshots.
 */
public final class WriteCache implements AutoCloseable {
    /** For {@link #flush}: everything. */
    public static final long ALL = Long.MAX_VALUE;

    private final StampedLock lock = new StampedLock();
    private final PagePool pool;
    private final Images images;
    private final WriteLog log;
    private final DeferredDurability deferred;
    private final PowerSupply power;
    private final FaultyRequests faulty;
    private volatile long nextSequence;

    /**
     * Takes over the media and closes it in the end.
     *
     * @param file where what is durable is to be kept; null for memory alone
     */
    public WriteCache(CowMedia media, BaseFile file, boolean isVolatile, long limitBytes, LongSupplier clock) {
        this.pool = media.pool();
        this.images = new Images(media, file, isVolatile, limitBytes);
        this.log = images.log();
        this.deferred = new DeferredDurability(images, clock);
        this.power = new PowerSupply(lock, images, deferred);
        this.faulty = new FaultyRequests(this, Sectors.ofBytes(media.sizeBytes()));
        this.nextSequence = log.next();
    }

    /** Tells that listener from now on what rules do here and in the media; null for none. */
    public void listen(FaultListener wanted) {
        faulty.listen(wanted);
    }

    /**
     * Serves a request, with what rules do to it here and in the media.
     *
     * @return whether the disk has the power with which the request arrived; if not, nothing has happened
     */
    public boolean serve(Request request, RequestState state) {
        if (state.isFaulty()) {
            return faulty.serve(request, state);
        }
        int cycle = state.powerCycle();
        return switch (request.operation()) {
            case READ -> read(cycle, request.sector(), request.sectorCount(), request.data());
            case WRITE ->
                write(cycle, request.flags(), request.sector(), request.sectorCount(), request.data(), state.pages);
            case FLUSH -> flush(cycle, state.flushBelow(), List.of());
            case DISCARD, WRITE_ZEROES ->
                zero(cycle, request.operation(), request.flags(), request.sector(), request.sectorCount());
        };
    }

    /** Stores the first sectors of a write that the link fails in the middle, with the damage of its rules. */
    public void servePart(Request request, RequestState state, int sectorCount) {
        faulty.writePart(request, state, sectorCount);
    }

    /** Returns whether a write needs a FLUSH or FUA to be durable. */
    public boolean isVolatile() {
        return images.isVolatile();
    }

    /** Returns the number of the power cycle; odd ones are without power. */
    public int powerCycle() {
        return power.cycle();
    }

    /** Returns whether the disk has power. */
    public boolean isPowered() {
        return power.isOn();
    }

    /** Returns whether a request that arrived in that cycle is served now. */
    public boolean serves(int cycle) {
        return power.serves(cycle);
    }

    /** Returns one after the newest change: what a FLUSH that arrives now has to cover. */
    public long nextSequence() {
        return nextSequence;
    }

    /** @return whether there is power, as with all the requests below; if not, nothing has happened */
    public boolean read(int cycle, long sector, int sectorCount, ByteBuffer into) {
        return read(cycle, false, sector, sectorCount, into, 0);
    }

    /** @param stale as it was before it was last changed, for sectors that {@link #keepEarlier} knows of */
    public boolean read(int cycle, boolean stale, long sector, int sectorCount, ByteBuffer into, int intoOffset) {
        long seen = lock.tryOptimisticRead();
        if (seen != 0) {
            try {
                boolean done = readNow(cycle, stale, sector, sectorCount, into, intoOffset);
                if (lock.validate(seen)) {
                    return done;
                }
            } catch (RuntimeException e) {
                if (lock.validate(seen)) {
                    throw e;
                }
            }
        }
        long stamp = lock.readLock();
        try {
            return readNow(cycle, stale, sector, sectorCount, into, intoOffset);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    private boolean readNow(int cycle, boolean stale, long sector, int sectorCount, ByteBuffer into, int intoOffset) {
        if (!power.serves(cycle)) {
            return false;
        }
        (stale ? images.earlier() : images.current()).read(sector, sectorCount, into, intoOffset);
        return true;
    }

    /**
     * @param flags of the request
     * @param pages room for as many as {@link CowMedia#pageCount} says
     */
    public boolean write(int cycle, int flags, long sector, int sectorCount, ByteBuffer from, int[] pages) {
        return write(cycle, flags, List.of(), sector, sectorCount, from, 0, pages);
    }

    /** @param lies why it is not forced though it came with FUA */
    public boolean write(
            int cycle,
            int flags,
            List<CacheEffect> lies,
            long sector,
            int sectorCount,
            ByteBuffer from,
            int fromOffset,
            int[] pages) {
        int honest = DeferredDurability.isHonest(lies, sector, sectorCount) ? flags : flags & ~Request.FUA;
        int count = CowMedia.stage(pool, images.owners(), sector, sectorCount, from, fromOffset, pages);
        long stamp = lock.writeLock();
        try {
            if (!power.serves(cycle)) {
                pool.release(pages, count, images.owners());
                return false;
            }
            if (!lies.isEmpty() && images.isVolatile()) {
                deferred.defer(lies, log.next(), log.next() + 1);
            }
            put(honest, sector, sectorCount, pages, count);
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void put(int flags, long sector, int sectorCount, int[] pages, int count) {
        try {
            images.write(flags, sector, sectorCount, pages, count);
        } catch (OutOfPagesException e) {
            pool.release(pages, count, images.owners());
            throw e;
        }
        nextSequence = log.next();
    }

    /** DISCARD and WRITE_ZEROES. */
    public boolean zero(int cycle, Operation operation, int flags, long sector, int sectorCount) {
        long stamp = lock.writeLock();
        try {
            if (!power.serves(cycle)) {
                return false;
            }
            images.zero(operation, flags, sector, sectorCount);
            nextSequence = log.next();
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * Changes bytes where they lie, with power or without, since no request does it. It is in the log as a forced change,
     * so it survives a power cut that the changes before it do not survive. What was unflushed of these sectors is durable
     * with it.
     *
     * @param bytes room for the sectors, which are there when {@code change} runs, and are taken from there
     */
    public void alter(long sector, int sectorCount, ByteBuffer bytes, Runnable change) {
        int[] pages = new int[CowMedia.pageCount(sector, sectorCount)];
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            images.current().read(sector, sectorCount, bytes, 0);
            change.run();
            int count = CowMedia.stage(pool, images.owners(), sector, sectorCount, bytes, 0, pages);
            put(Request.FUA, sector, sectorCount, pages, count);
            images.keepInFile();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Makes durable every change with a sequence number below that, but nothing that a lie is about. */
    public boolean flush(int cycle, long below, List<CacheEffect> lies) {
        long stamp = lock.writeLock();
        try {
            if (!power.serves(cycle)) {
                return false;
            }
            if (lies.isEmpty()) {
                images.flush(below);
            } else {
                deferred.flush(below, lies);
            }
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * Sets whether {@link #read} can return what sectors had before they were last changed. It keeps that from now on; a
     * sector that has not been changed since has what it had. It begins anew when the power goes and when the disk is
     * rewound.
     */
    public void keepEarlier(boolean wanted) {
        long stamp = lock.writeLock();
        try {
            if (!images.isClosed()) {
                images.keepEarlier(wanted);
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Returns the disk that a power cut now would leave, which goes on here as if nothing were. The caller's, to close. */
    public CowMedia crashImage(SurvivalPolicy policy, List<Request> inFlight) {
        return power.crashImage(policy, inFlight);
    }

    /**
     * Takes the power, and what does not survive.
     *
     * @param inFlight writes that wait in the link
     * @throws IllegalStateException if the power is off already
     */
    public PowerCut powerCut(SurvivalPolicy policy, List<Request> inFlight) {
        PowerCut cut = power.cut(policy, inFlight);
        faulty.tellPower("cut: " + cut);
        return cut;
    }

    /** Puts the power back. @return false if it was on */
    public boolean powerOn() {
        boolean wasOff = power.on();
        if (wasOff) {
            faulty.tellPower("on");
        }
        return wasOff;
    }

    /** Returns what reads see now, all of it durable there. The caller's, to close. */
    public CowMedia fork() {
        long stamp = lock.readLock();
        try {
            images.checkOpen();
            return images.current().fork();
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /**
     * Makes this the contents of the disk, all of it durable. Takes over the media.
     *
     * @throws IllegalArgumentException if the media cannot be that of this disk
     */
    public void rewind(CowMedia media) {
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            if (!images.canBecome(media)) {
                throw new IllegalArgumentException(
                        "the snapshot is of a disk with other memory or another file; rewind to one of this disk");
            }
            deferred.forget();
            images.become(media);
        } catch (IllegalArgumentException | IllegalStateException e) {
            media.close();
            throw e;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Tells this listener of every change from now on. */
    public void tell(ChangeListener listener) {
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            images.tell(listener);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Tells this listener no more. */
    public void tellNoMore(ChangeListener listener, String why) {
        long stamp = lock.writeLock();
        try {
            images.tellNoMore(listener, why);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public List<Change> unflushed() {
        long stamp = lock.writeLock();
        try {
            deferred.forceDue();
            return log.losableChanges();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public int unflushedCount() {
        long stamp = lock.writeLock();
        try {
            deferred.forceDue();
            return log.losable();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public long unflushedBytes() {
        long stamp = lock.writeLock();
        try {
            deferred.forceDue();
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
            if (!images.isClosed()) {
                images.finishFile();
                power.end();
                deferred.forget();
                images.close();
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }
}
