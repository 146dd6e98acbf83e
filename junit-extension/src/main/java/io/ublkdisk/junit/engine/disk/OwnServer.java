package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.junit.DiskServer;
import java.io.IOException;

/** The server of a disk, and after its death the next one. */
final class OwnServer implements DiskServer {
    private final DiskHandle disk;
    private volatile ServerProcess process;

    OwnServer(DiskHandle disk, ServerProcess process) {
        this.disk = disk;
        this.process = process;
    }

    ServerProcess process() {
        return process;
    }

    /** Returns whether it serves this disk alone. */
    boolean isOwn() {
        return disk.settings().spec().recovery() != Recovery.NONE;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void kill() {
        if (!isOwn()) {
            throw new IllegalStateException(
                    disk + " would be lost with its server, and others with it; ask for one that"
                            + " outlives it: recovery = REISSUE, or another of Recovery");
        }
        disk.faults().nextTry(); // what has fired has fired
        process.kill();
    }

    @Override
    public synchronized void recover() throws IOException {
        if (process.isAlive()) {
            throw new IllegalStateException(
                    "the server of " + disk + ", process " + pid() + ", is alive; kill() it first");
        }
        ServerProcess next = ServerProcess.start();
        try {
            disk.remote().recoverOn(next.connection());
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        process = next;
        disk.observations().restarted();
    }

    /** Recovers the disk at the end of its life, so that a server can delete it. */
    void recoverIfDead() throws IOException {
        if (isOwn() && !isAlive()) {
            recover();
        }
    }

    void close() {
        if (isOwn()) {
            process.close();
        }
    }
}
