package io.ublkdisk.junit;

import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteRecording;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What the server has recorded, and the disk on which it is shown. */
final class ServedCrashStates implements CrashStates {
    private final RemoteRecording recording;
    private final List<String> names;
    private final ServedFork shown;

    /** @param shown a disk made from that recording, this object's to close */
    ServedCrashStates(RemoteRecording recording, List<String> names, ServedFork shown) {
        this.recording = recording;
        this.names = names;
        this.shown = shown;
    }

    private record Shown(String state, List<String> marks, ServedFork disk) implements CrashedDisk {
        @Override
        public Path device() {
            return disk.device();
        }

        @Override
        public Path mountPoint() {
            return disk.mountPoint();
        }
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public CrashedDisk show(String name) throws IOException {
        List<String> marks = Asked.accepted(() -> recording.marks(name));
        boolean mounted = shown.settings().spec().fileSystem() != FileSystem.NONE;
        recording.show(name, shown.remote(), mounted, shown.settings().spec().mountOptions());
        return new Shown(name, marks, shown);
    }

    @Override
    public Optional<String> fsck() throws IOException {
        return shown.remote().check();
    }

    @Override
    public Iterator<CrashedDisk> iterator() {
        Iterator<String> each = names.iterator();
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

    @Override
    public void close() {
        shown.close();
    }
}
