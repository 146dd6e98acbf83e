package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a disk: mounting, unmounting and exchanging its bytes happen one at a time, and not once the disk is deleted.
 */
final class DiskLock {
    static final Duration LIMIT = Duration.ofSeconds(60);

    private final Object disk;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean over;

    /** @param disk is called in messages as it prints itself */
    DiskLock(Object disk) {
        this.disk = disk;
    }

    interface Step<T> {
        T run() throws IOException;
    }

    /** Runs a step alone. Waits for other steps, {@link #LIMIT} at most. */
    <T> T take(Step<T> step) throws IOException {
        if (!tryTake(LIMIT)) {
            throw new DiskException(disk + " is busy mounting or unmounting; is a request held? Clear its rules");
        }
        try {
            if (over) {
                throw new DiskException(disk + " has been deleted");
            }
            return step.run();
        } finally {
            leave();
        }
    }

    /** Returns whether this thread got the lock within that time; if so, it must {@link #leave}. */
    boolean tryTake(Duration limit) {
        try {
            return lock.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void leave() {
        lock.unlock();
    }

    /** Ends the lock: every later step fails. */
    void end() {
        over = true;
    }
}
