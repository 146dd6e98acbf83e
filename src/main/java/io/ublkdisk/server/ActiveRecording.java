package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Recording;
import io.ublkdisk.server.log.LogWritesFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What is recorded of a disk, if that was asked for: its latest recording in memory, and its latest log in a file. Thread safe.
 */
public final class ActiveRecording implements AutoCloseable {
    private final ServedDisk disk;
    private final Drive drive;
    private Recording recording;
    private LogWritesFile log;

    ActiveRecording(ServedDisk disk, Drive drive) {
        this.disk = disk;
        this.drive = drive;
    }

    /** Records from now on; what was recorded before is forgotten. */
    public synchronized void begin() {
        forget();
        recording = drive.record();
    }

    /**
     * Begins a log of writes in that file: of what the disk has, and of what becomes durable from now on. Ends a log that
     * there is.
     *
     * @param path as the client calls it
     * @param here where that is for this process
     * @throws DiskException if it cannot be begun
     */
    public synchronized void logTo(Path path, Path here) throws DiskException {
        disk.files().take(FilesInUse.Role.LOG_WRITES, path, here);
        endLog();
        try {
            log = new LogWritesFile(drive, path, here, disk.journal());
        } catch (IOException e) {
            disk.files().giveBack(FilesInUse.Role.LOG_WRITES);
            throw new DiskException(
                    "the writes of " + disk + " cannot be logged to " + path + ": " + IoErrorText.ofWriting(e), e);
        }
    }

    /** Ends the log, with all that was not durable yet. @throws DiskException if there is none */
    public synchronized LogWritesFile endedLog() throws DiskException {
        if (log == null) {
            throw new DiskException("the writes of " + disk + " are not logged; begin it: ublkdisk journal "
                    + disk.name() + " --log-writes FILE");
        }
        LogWritesFile was = log;
        endLog();
        disk.files().giveBack(FilesInUse.Role.LOG_WRITES);
        return was;
    }

    private void endLog() {
        if (log != null) {
            log.close();
            log = null;
        }
    }

    /** @throws DiskException if nothing is recorded, or was */
    public synchronized Recording recording() throws DiskException {
        if (recording == null) {
            throw new DiskException("nothing was recorded of " + disk + "; begin it before the run: record");
        }
        return recording;
    }

    /** Records no more, so that states can be made. */
    public Recording stopped() throws DiskException {
        Recording found = recording();
        found.stop();
        return found;
    }

    /** @throws DiskException if there is no recording, or no such state in it */
    public CrashState state(String id) throws DiskException {
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
        if (log != null) {
            log.mark(text);
        }
    }

    @Override
    public synchronized void close() {
        forget();
        endLog();
    }

    private void forget() {
        if (recording != null) {
            recording.close();
            recording = null;
        }
    }
}
