package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is with a disk: what mounts it, unmounts it or exchanges its bytes does so alone, and not once it is deleted.
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

    /** Does that alone, waiting {@link #LIMIT} for others at most. */
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

    /** Returns whether it is ours within that time; {@link #leave} follows if so. */
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

    /** No thread has a turn any more. */
    void end() {
        over = true;
    }
}
