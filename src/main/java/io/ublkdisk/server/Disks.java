package io.ublkdisk.server;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.DeviceRegistry;
import io.ublkdisk.server.recovery.NameClaim;
import io.ublkdisk.server.recovery.Orphans;
import io.ublkdisk.server.recovery.RecoverableDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The disks of a server. Thread safe; disks are made and taken down at the same time. */
public final class Disks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** When the server itself is told to end. */
    private static final Duration SHORT_PATIENCE = Duration.ofMillis(500);

    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);

    /** So much memory stays with a server that has no disk, for the next one. */
    private static final long KEPT_BYTES = 256 << 20;

    private final StateFolder folder;
    private final DeviceRegistry registry;
    private final PagePool pool = new PagePool();
    private final ServedDiskFactory factory;
    private final Map<ServedDisk, NameClaim> disks = new ConcurrentHashMap<>();
    private final PreparedDisks prepared = new PreparedDisks(this::discard);

    public Disks(StateFolder folder) {
        this.folder = folder;
        this.registry = new DeviceRegistry(folder);
        this.factory = new ServedDiskFactory(folder, registry, pool);
    }

    public boolean isEmpty() {
        return disks.isEmpty();
    }

    public List<ServedDisk> all() {
        return disks.keySet().stream()
                .filter(disk -> !disk.isLeaving())
                .sorted((a, b) -> Integer.compare(a.id(), b.id()))
                .toList();
    }

    /** By name, id, path of the device, or handle. */
    public ServedDisk named(String word) throws DiskException {
        for (ServedDisk disk : all()) {
            if (disk.isCalled(word)) {
                return disk;
            }
        }
        if (word.indexOf('#') >= 0) {
            throw new DiskException("no disk '" + word + "' any more; it has been deleted");
        }
        List<String> names = all().stream().map(ServedDisk::name).toList();
        throw new DiskException("no disk '" + word + "'" + Nearest.hint(word, names));
    }

    /** Returns where disks are mounted whose client does not say where. */
    public Path mountFolder() {
        return folder.mountFolder();
    }

    /**
     * Makes a disk as the specification says: formatted, mounted, rules armed. If anything goes wrong, nothing is left
     * behind.
     *
     * @param owned whether it ends with that client
     */
    public ServedDisk create(DiskSpec spec, long clientPid, boolean owned) throws IOException {
        Optional<ServedDisk> ready = prepared.take(spec, clientPid);
        ServedDisk disk =
                named(spec.name(), () -> ready.isPresent() ? ready.get() : factory.make(spec, clientPid, owned));
        try {
            if (spec.mounted()) {
                disk.mounts().mount(clientPid, spec.mountPoint(), spec.mountOptions(), mountFolder());
            }
            disk.rules().begin();
            return disk;
        } catch (IOException | RuntimeException e) {
            delete(disk);
            throw e;
        }
    }

    private interface Maker {
        ServedDisk make() throws IOException;
    }

    /** Has a disk made whose name no other disk has. */
    private ServedDisk named(Optional<String> name, Maker maker) throws IOException {
        NameClaim claim = NameClaim.of(name, folder);
        try {
            ServedDisk disk = maker.make();
            disks.put(disk, claim);
            return disk;
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    /**
     * Makes a disk, while the caller goes on, for the next time that this client asks for one like that: then it is there. Its
     * last step, mounting, and its rules wait until then. What goes wrong is told to who asks then.
     *
     * @param owner the client that says when no more are needed, by {@link #endPrepared}
     */
    public void prepare(DiskSpec spec, long clientPid, Object owner) {
        prepared.add(owner, spec, clientPid, () -> {
            ServedDisk disk = factory.make(spec, clientPid, true);
            try {
                if (spec.mounted()) {
                    disk.mounts().expect(clientPid);
                }
                return disk;
            } catch (DiskException e) {
                discard(disk);
                throw e;
            }
        });
    }

    /** Deletes the disks that were prepared for that client, and returns when they are gone. */
    public void endPrepared(Object owner) {
        prepared.end(owner);
    }

    /** Returns when those are gone that were {@linkplain #retire retired}, or it has waited for long. */
    public void awaitRetired() {
        List<ServedDisk> retired =
                disks.keySet().stream().filter(ServedDisk::isLeaving).toList();
        TimeLimitedTask.until(SETTLE_LIMIT, () -> retired.stream().noneMatch(disks::containsKey));
    }

    /** Makes a disk like the origin, with these bytes, neither mounted nor with rules. */
    public ServedDisk createLike(ServedDisk origin, Snapshot bytes, Optional<String> name) throws IOException {
        DiskSpec spec = ServedDiskFactory.specLike(origin, name, bytes.sizeBytes());
        return named(
                spec.name(), () -> factory.makeWith(bytes, spec, origin.info().seed()));
    }

    /** Does everything that {@link #create} does on the way to the kernel, and throws the result away. */
    public String rehearse() throws IOException, ProtocolException {
        return factory.rehearse();
    }

    /** Takes it down, and off every mount; returns what was left open. */
    public List<String> delete(ServedDisk disk) {
        return delete(disk, PATIENCE, true);
    }

    /**
     * Begins the end of a disk that a client owns: it has no owner then, and is unmounted. The rest follows when its owner
     * hangs up. If a process uses it, or it hangs, it is {@linkplain #delete deleted} at once.
     */
    public List<String> retire(ServedDisk disk) {
        return disk.leave(PATIENCE) ? List.of() : delete(disk);
    }

    /**
     * Deletes all disks at the same time and fast: only what the server mounted is unmounted, the rest is reported. A second
     * caller waits for the first: whether the process may end depends on it.
     */
    public synchronized void deleteAll() {
        List<TimeLimitedTask<?>> ends = new ArrayList<>(prepared.giveUp());
        for (ServedDisk disk : disks.keySet()) {
            ends.add(TimeLimitedTask.start(
                    "ublkdisk-end-" + disk.id(),
                    () -> delete(disk, SHORT_PATIENCE, disk.mounts().where().isPresent())));
        }
        for (TimeLimitedTask<?> end : ends) {
            if (end.await(PATIENCE.multipliedBy(2).plus(Teardown.STOP_LIMIT))) {
                tellProblem(end);
            }
        }
    }

    private static void tellProblem(TimeLimitedTask<?> end) {
        try {
            end.result();
        } catch (Exception e) {
            Log.say("a disk could not be deleted: " + e);
        }
    }

    private List<String> delete(ServedDisk disk, Duration patience, boolean unmounting) {
        if (!disks.containsKey(disk)) {
            return List.of(); // gone already, or another server's by now
        }
        List<String> leaks = disk.delete(patience, unmounting);
        NameClaim claim = disks.remove(disk);
        if (claim != null) {
            leaks.forEach(leak -> Log.say(disk + " was still in use: " + leak));
            forget(disk, claim);
        }
        return leaks;
    }

    /** Deletes a disk that was never among the disks. */
    private void discard(ServedDisk disk) {
        disk.delete(PATIENCE, true);
        forget(disk, NameClaim.NONE);
    }

    private void forget(ServedDisk disk, NameClaim claim) {
        disk.media().ifPresent(ServedDiskFactory::deleteFile);
        disk.files().close();
        try {
            registry.remove(disk.id());
            claim.close();
        } catch (IOException e) {
            Log.say("the name of " + disk + " stays taken: " + e);
        }
        giveMemoryBack();
    }

    private void giveMemoryBack() {
        if (disks.isEmpty() && pool.reservedBytes() > KEPT_BYTES) {
            TimeLimitedTask.start("ublkdisk-memory", () -> {
                long bytes = pool.trim();
                // The memory of a direct buffer goes with the buffer.
                System.gc();
                return bytes;
            });
        }
    }

    /**
     * Takes over a disk whose server is gone, or has handed it back. Its bytes and what is mounted are as they were; its
     * rules begin anew.
     */
    public ServedDisk recover(String word, long clientPid) throws IOException {
        ServedDisk disk = Orphans.locked(folder, () -> {
            RecoverableDisk found = RecoverableDisk.find(registry, word);
            return named(found.recovery().spec().name(), () -> factory.recover(found));
        });
        disk.mounts().adopt(clientPid, mountFolder());
        disk.rules().begin();
        return disk;
    }

    /** Leaves the disk's device without a server, for another one to recover. */
    public void handBack(ServedDisk disk) throws IOException {
        disk.handBack();
        disk.files().close();
        disks.remove(disk).close();
    }
}
