package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.junit.CrashRun;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A program's run on a disk of the server that records it. */
final class RecordedRun implements CrashRun {
    private final DiskHandle disk;
    private final CrashTrace trace = new CrashTrace();
    private final WriteBackSchedule writeBack;
    private volatile RemoteRecording recording;

    /** @param writeBack what happens beside the program */
    RecordedRun(DiskHandle disk, WriteBackSchedule writeBack) throws DiskException {
        this.disk = disk;
        this.writeBack = writeBack;
        this.recording = disk.remote().record();
    }

    RemoteRecording recording() {
        return recording;
    }

    CrashTrace trace() {
        return trace;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    @Override
    public void beginHere() throws IOException {
        trace.clear();
        recording = disk.remote().record();
    }

    /** Sets the mark after the note of it: the disk must not know of the promise before the program has made it. */
    @Override
    public void mark(String promise) {
        writeBack.beforePromise();
        trace.promise(promise);
        try {
            disk.remote().mark(promise);
        } catch (DiskException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        return new TracedChannel(FileChannel.open(path, options), path, trace);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        trace.rename(from, to);
    }
}
