package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.junit.CrashStates;
import io.ublkdisk.junit.CrashedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What the server has recorded, and the disk on which it is shown. */
public final class ServedCrashStates implements CrashStates {
    private final RemoteRecording recording;
    private final List<SampledState> states;
    private final Stage stage;
    /** Another one after {@link #replace}. */
    private ServedFork shown;
    /** Whether the test has asked where a state is, or has had one checked. */
    private boolean lookedAt;

    private boolean closed;

    /** Makes a disk to show states on. */
    interface Stage {
        ServedFork make() throws DiskException;
    }

    /** @param stage whose disk is this object's to close */
    ServedCrashStates(RemoteRecording recording, List<SampledState> states, Stage stage) throws DiskException {
        this.recording = recording;
        this.states = states;
        this.stage = stage;
        this.shown = stage.make();
    }

    private final class Shown implements CrashedDisk {
        private final String state;
        private final List<String> marks;
        private final DiskHandle disk;

        Shown(String state, List<String> marks, DiskHandle disk) {
            this.state = state;
            this.marks = marks;
            this.disk = disk;
        }

        @Override
        public Path device() {
            lookedAt = true;
            return disk.device();
        }

        @Override
        public Path mountPoint() {
            lookedAt = true;
            return disk.mountPoint();
        }

        @Override
        public String state() {
            return state;
        }

        @Override
        public List<String> marks() {
            return marks;
        }

        @Override
        public String toString() {
            return "crash state " + state;
        }
    }

    @Override
    public List<String> names() {
        return sampled().stream().map(SampledState::id).toList();
    }

    public List<SampledState> sampled() {
        return states;
    }

    @Override
    public CrashedDisk show(String name) throws IOException {
        List<String> marks = Unchecked.accepted(() -> recording.marks(name));
        recording.show(
                name, shown.remote(), isMounted(), shown.settings().spec().mountOptions());
        return new Shown(name, marks, shown);
    }

    /** Returns whether states are mounted when they are shown. */
    public boolean isMounted() {
        return shown.settings().spec().fileSystem() != FileSystem.NONE;
    }

    @Override
    public Optional<String> fsck() throws IOException {
        lookedAt = true;
        return shown.remote().check();
    }

    /** Shows states on another disk from now on; what is open on this one is cut off from it. */
    public void replace() throws DiskException {
        try {
            shown.close();
        } catch (AssertionError stillOpen) {
            // That is why it is replaced.
        }
        shown = stage.make();
    }

    /** Returns how many reads the disk has served on which they are shown. */
    public long reads() throws DiskException {
        return shown.remote().stats().reads();
    }

    @Override
    public Iterator<CrashedDisk> iterator() {
        Iterator<String> each = names().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return each.hasNext();
            }

            @Override
            public CrashedDisk next() {
                String name = each.next();
                try {
                    return show(name);
                } catch (IOException e) {
                    throw new UncheckedIOException("crash state " + name + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /** Takes the disk away, whatever was looked at. */
    public void end() {
        closed = true;
        shown.close();
    }

    @Override
    public void close() {
        if (!closed) {
            end();
            if (!lookedAt) {
                throw new AssertionError("none of the " + states.size()
                        + " crash states was looked at, so they prove nothing: iterate over them, or show(…) some, and read"
                        + " what is there, under mountPoint() or on device()");
            }
        }
    }
}
