package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskException;

/** Something that a client waits for. An interrupt means that the server ends. */
@FunctionalInterface
interface Wait {
    /** Returns what there is when the wait is over. */
    long run() throws DiskException, InterruptedException;

    /** Waits, and returns what there is then. */
    static long out(Wait wait) throws DiskException {
        try {
            return wait.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DiskException("the server ends, and waits for nothing any more");
        }
    }
}
