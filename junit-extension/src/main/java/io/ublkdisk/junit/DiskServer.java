package io.ublkdisk.junit;

import java.io.IOException;
import org.apiguardian.api.API;

/**
 * The process that serves a disk. A disk with {@link UblkDisk#recovery()} has one of its own, which may die and be replaced
 * while the disk is in use; the others share one, which may not.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface DiskServer {
    /** Returns its process id. */
    long pid();

    /** Returns whether the process is running. */
    boolean isAlive();

    /**
     * Kills it as {@code kill -9} does, and returns when it is gone. The block device and its mount stay; what their requests
     * do until {@link #recover} says {@link UblkDisk#recovery()}. The test thread must not touch them meanwhile unless they
     * fail: it would wait for what it is to do itself.
     *
     * @throws IllegalStateException if the disk was made without recovery, and so would be lost
     */
    void kill();

    /**
     * Starts another server for the disk: everything that was acknowledged is there, the rules are the ones that the disk was
     * made with, and begin anew.
     *
     * @throws IllegalStateException if its server is alive
     * @throws IOException if it cannot be recovered
     */
    void recover() throws IOException;
}
