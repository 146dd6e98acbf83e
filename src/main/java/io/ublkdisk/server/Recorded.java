package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Recording;

/** The recording of a disk, if one was asked for: the latest. Thread safe. */
final class Recorded implements AutoCloseable {
    private final ServedDisk disk;
    private final Drive drive;
    private Recording recording;

    Recorded(ServedDisk disk, Drive drive) {
        this.disk = disk;
        this.drive = drive;
    }

    /** Records from now on; what was recorded before is forgotten. */
    synchronized void begin() {
        close();
        recording = drive.record();
    }

    /** @throws DiskException if nothing is recorded, or was */
    synchronized Recording recording() throws DiskException {
        if (recording == null) {
            throw new DiskException("nothing was recorded of " + disk + "; begin it before the run: record");
        }
        return recording;
    }

    /** Records no more, for whoever wants states. */
    Recording stopped() throws DiskException {
        Recording found = recording();
        found.stop();
        return found;
    }

    /** @throws DiskException if there is no recording, or no such state in it */
    CrashState state(String id) throws DiskException {
        try {
            return stopped().state(id);
        } catch (IllegalArgumentException wrong) {
            throw new DiskException(wrong.getMessage(), wrong);
        }
    }

    synchronized void mark(String text) {
        if (recording != null) {
            recording.mark(text);
        }
    }

    @Override
    public synchronized void close() {
        if (recording != null) {
            recording.close();
            recording = null;
        }
    }
}
