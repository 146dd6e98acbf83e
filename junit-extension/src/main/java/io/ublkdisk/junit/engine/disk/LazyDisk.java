package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.crash.Sample;
import io.ublkdisk.junit.CrashStates;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.DiskServer;
import io.ublkdisk.junit.DiskUnavailableException;
import io.ublkdisk.junit.Faults;
import io.ublkdisk.junit.ForkedDisk;
import io.ublkdisk.junit.Unflushed;
import io.ublkdisk.junit.engine.process.Uninterrupted;
import io.ublkdisk.protocol.DiskStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * The disk of a jqwik property, which asks for it far more often than it uses it: on every try, every try of shrinking, and
 * when it reports. So this makes the disk when it is first used, and puts it back to its first state when it is first used
 * in a later try; printing it does neither.
 */
public final class LazyDisk implements Disk {
    private final String words;
    private final Supplier<DiskHandle> factory;
    private DiskHandle disk;
    private boolean stale;
    private boolean ended;
    /** Why there can be none here; null before the first try, or if there can. */
    private DiskUnavailableException impossible;

    public LazyDisk(String words, Supplier<DiskHandle> factory) {
        this.words = words;
        this.factory = factory;
    }

    /** Begins the next try: the next use resets the disk. */
    public synchronized void nextTry() {
        stale = disk != null;
    }

    /** Null if it was never used. */
    public synchronized DiskHandle ifMade() {
        return disk;
    }

    /** Null if the present try has not used it. */
    public synchronized DiskHandle ifUsed() {
        return stale ? null : disk;
    }

    /** Ends the property: a disk that is made later would stay behind, so none is made. */
    public synchronized void end() {
        ended = true;
    }

    /** Returns the disk itself. */
    DiskHandle served() {
        return disk();
    }

    private synchronized DiskHandle disk() {
        if (impossible != null) {
            throw impossible;
        }
        if (ended && disk == null) {
            throw new IllegalStateException("there is no disk any more: the property that it belonged to has ended");
        } else if (ended) {
            return disk;
        } else if (disk == null) {
            disk = made();
        } else if (stale) {
            try {
                Uninterrupted.get(() -> {
                    disk.reset();
                    return disk;
                });
            } catch (IOException e) {
                throw new UncheckedIOException("the disk cannot be put back to its first state: " + e.getMessage(), e);
            }
        }
        stale = false;
        return disk;
    }

    /** Returns the disk, and makes it the first time. A machine that cannot make it once is not asked again. */
    private DiskHandle made() {
        try {
            return Uninterrupted.get(factory::get);
        } catch (DiskUnavailableException missing) {
            impossible = missing;
            throw missing;
        }
    }

    @Override
    public Path device() {
        return disk().device();
    }

    @Override
    public Path mountPoint() {
        return disk().mountPoint();
    }

    @Override
    public boolean isMounted() {
        return disk().isMounted();
    }

    @Override
    public void unmount() throws IOException {
        disk().unmount();
    }

    @Override
    public void mount() throws IOException {
        disk().mount();
    }

    @Override
    public void remount() throws IOException {
        disk().remount();
    }

    @Override
    public void evict() throws IOException {
        disk().evict();
    }

    @Override
    public String powerCut(String keep) throws IOException {
        return disk().powerCut(keep);
    }

    @Override
    public String powerOff(String keep) {
        return disk().powerOff(keep);
    }

    @Override
    public void powerOn() throws IOException {
        disk().powerOn();
    }

    @Override
    public Unflushed unflushed() {
        return disk().unflushed();
    }

    @Override
    public void snapshot(String name) {
        disk().snapshot(name);
    }

    @Override
    public void rewind(String name) throws IOException {
        disk().rewind(name);
    }

    @Override
    public ForkedDisk crashImage(String keep) throws IOException {
        return disk().crashImage(keep);
    }

    @Override
    public void record() {
        disk().record();
    }

    @Override
    public CrashStates crashStates(Sample sample) throws IOException {
        return disk().crashStates(sample);
    }

    @Override
    public int mark(String text) {
        return disk().mark(text);
    }

    @Override
    public List<String> marksAtCut() {
        return disk().marksAtCut();
    }

    @Override
    public void stopMarksAtCut() {
        disk().stopMarksAtCut();
    }

    @Override
    public Faults faults() {
        return disk().faults();
    }

    @Override
    public DiskServer server() {
        return disk().server();
    }

    @Override
    public DiskStats stats() {
        return disk().stats();
    }

    @Override
    public synchronized String toString() {
        return disk == null ? words : disk.toString();
    }
}
