package io.ublkdisk.server;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.server.log.MediaLog;
import io.ublkdisk.server.mount.BlockDevice;
import io.ublkdisk.server.mount.CrashStateMount;
import io.ublkdisk.server.mount.MediaFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The bytes that a disk can go back to: the bytes that it began with, snapshots, and crash states. */
public final class DiskSnapshots implements AutoCloseable {
    private static final long SAVE_LIMIT_BYTES = 512L << 20;

    private final ServedDisk disk;
    private final DiskSpec spec;
    private final Drive drive;
    private final Mounts mounts;
    private final DiskLock lock;
    /** Null for a disk on a file: what it keeps would keep the file from getting what is written. */
    private final Snapshot fresh;

    private final Map<String, Snapshot> named = new ConcurrentHashMap<>();

    DiskSnapshots(ServedDisk disk, DiskSpec spec, Drive drive, Mounts mounts, DiskLock lock) {
        this.disk = disk;
        this.spec = spec;
        this.drive = drive;
        this.mounts = mounts;
        this.lock = lock;
        this.fresh = MediaFile.isFile(spec) ? null : drive.snapshot();
    }

    /** Returns what it was when it was created: bytes, rules, and whether it is mounted. */
    public Optional<Path> reset() throws IOException {
        if (fresh == null) {
            throw new DiskException(disk + " keeps its bytes in "
                    + spec.file().map(file -> "the file " + file).orElse("a file, for recovery")
                    + ", so its first bytes are gone; copy the file before the test, or use a disk without one");
        }
        disk.rules().end();
        return lock.take(() -> {
            goBack(fresh);
            disk.marks().clear();
            disk.journal().event(Entry.Kind.CONTENTS, "reset");
            Optional<Path> where = mounts.asAtFirst();
            disk.rules().begin();
            return where;
        });
    }

    /** Keeps the bytes under that name, in the place of earlier ones. */
    public void snapshot(String as) throws IOException {
        lock.take(() -> {
            BlockDevice.forgetCached(disk.device());
            Snapshot before = named.put(as, drive.snapshot());
            if (before != null) {
                before.close();
            }
            return as;
        });
    }

    /** Goes back to the bytes of that name: unmounted, and mounted again if the server had mounted it. */
    public Optional<Path> rewind(String to) throws IOException {
        Snapshot snapshot = named.get(to);
        if (snapshot == null) {
            throw new DiskException("no snapshot '" + to + "' of " + disk + Nearest.hint(to, named.keySet()));
        }
        return lock.take(() -> {
            boolean again = goBack(snapshot);
            disk.journal().event(Entry.Kind.CONTENTS, "rewound to " + to);
            return mounts.again(again);
        });
    }

    /**
     * Gets those bytes, with power, mounted for that client if it is to be; what was mounted before is taken off.
     *
     * @param mounting the options; empty: not mounted
     */
    public Optional<Path> show(Snapshot image, Optional<String> mounting, long clientPid, Path folder)
            throws IOException {
        return lock.take(() -> {
            Path where = folder.resolve("ublkb" + disk.id());
            CrashStateMount crashStateMount = mounts.crashStateMount(clientPid, where, mounting.orElse(""));
            drive.cache().powerOn();
            drive.rewind(image);
            if (mounting.isPresent()) {
                crashStateMount.mount();
            }
            return mounting.map(options -> where);
        });
    }

    /**
     * Writes into a log how the disk began, up to the mark {@link OwnMarks#START}, and then what makes it what it is now.
     *
     * @param path as the client calls it
     * @param here where that is for this process
     * @return the {@link MediaLog#sha256} of what it is now
     */
    public String save(Path path, Path here) throws IOException {
        disk.files().checkOther("the file to save to", path, here);
        try (LogWriter log = new LogWriter(here);
                Snapshot now = drive.snapshot();
                CowMedia last = now.fork();
                CowMedia first = fresh == null ? now.fork() : fresh.fork()) {
            log.mark(OwnMarks.size(drive.sizeBytes()));
            MediaLog bytes = new MediaLog(log, SAVE_LIMIT_BYTES);
            bytes.all(first);
            log.flush();
            log.mark(OwnMarks.START);
            bytes.difference(first, last);
            log.flush();
            log.mark(OwnMarks.END);
            return MediaLog.sha256(last);
        } catch (IOException e) {
            throw new DiskException(disk + " cannot be saved to " + path + ": " + IoErrorText.ofWriting(e), e);
        }
    }

    /** @return whether it was mounted */
    private boolean goBack(Snapshot snapshot) throws IOException {
        boolean wasMounted = mounts.clear();
        drive.cache().powerOn();
        BlockDevice.forgetCached(disk.device());
        drive.rewind(snapshot);
        return wasMounted;
    }

    @Override
    public void close() {
        if (fresh != null) {
            fresh.close();
        }
        named.values().forEach(Snapshot::close);
    }
}
