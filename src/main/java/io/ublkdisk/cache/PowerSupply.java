package io.ublkdisk.cache;

import io.ublkdisk.block.Request;
import io.ublkdisk.media.CowMedia;
import java.util.List;
import java.util.concurrent.locks.StampedLock;

/**
 * The power of a disk, and what a power cut makes of its images. Each time that the power goes or comes back a new cycle
 * begins; odd cycles are without power.
 *
 * <p><b>Threads.</b> Any. It changes under the cache's lock; the cycle can be read without.
 */
final class PowerSupply {
    private final StampedLock lock;
    private final Images images;
    private final DeferredDurability deferred;
    private volatile int cycle;

    /** @param lock the one that guards the images */
    PowerSupply(StampedLock lock, Images images, DeferredDurability deferred) {
        this.lock = lock;
        this.images = images;
        this.deferred = deferred;
    }

    int cycle() {
        return cycle;
    }

    boolean isOn() {
        return (cycle & 1) == 0;
    }

    /** Returns whether a request that arrived in that cycle is served now. */
    boolean serves(int arrivedIn) {
        int now = cycle;
        return arrivedIn == now && (now & 1) == 0;
    }

    /** Returns the disk that a cut now would leave; the caller closes it. */
    CowMedia crashImage(SurvivalPolicy policy, List<Request> inFlight) {
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            deferred.forceDue();
            return image(policy, inFlight).media();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Takes the power. @throws IllegalStateException if it is off already */
    PowerCut cut(SurvivalPolicy policy, List<Request> inFlight) {
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            if (!isOn()) {
                throw new IllegalStateException("the power of the disk is off already; call powerOn() first");
            }
            deferred.forceDue();
            CrashImage image = image(policy, inFlight);
            deferred.forget();
            images.become(image.media());
            next();
            images.keepInFile();
            return image.report(images.isVolatile());
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private CrashImage image(SurvivalPolicy policy, List<Request> inFlight) {
        CrashImage image = new CrashImage(images.durable(), images.log(), policy);
        try {
            image.addInFlight(inFlight, images.log(), policy);
            return image;
        } catch (Throwable e) {
            image.media().close();
            throw e;
        }
    }

    /** Puts the power back. @return false if it was on */
    boolean on() {
        long stamp = lock.writeLock();
        try {
            images.checkOpen();
            if (isOn()) {
                return false;
            }
            next();
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Ends with the disk: no request is served from now on. Under the lock. */
    void end() {
        if (isOn()) {
            next();
        }
    }

    /** Begins the next cycle. Under the lock, so the two steps are one. */
    private void next() {
        int now = cycle;
        cycle = now + 1;
    }
}
