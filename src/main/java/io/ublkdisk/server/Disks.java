package io.ublkdisk.server;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Seed;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.KeyValues;
import io.ublkdisk.control.Nearest;
import io.ublkdisk.control.ProtocolException;
import io.ublkdisk.control.ProtocolLine;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DriveBuilder;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.log.MediaTarget;
import io.ublkdisk.server.mount.MakeFileSystem;
import io.ublkdisk.server.mount.MediaFile;
import io.ublkdisk.server.mount.Templates;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.DeviceRegistry;
import io.ublkdisk.server.recovery.NameClaim;
import io.ublkdisk.server.recovery.Orphans;
import io.ublkdisk.server.recovery.RecoverableDisk;
import io.ublkdisk.server.recovery.RecoveryRecord;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The disks of a server. Thread safe; disks are made and taken down at the same time. */
public final class Disks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** When the server itself is told to end. */
    private static final Duration SHORT_PATIENCE = Duration.ofMillis(500);

    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

    /** So much memory stays with a server that has no disk, for the next one. */
    private static final long KEPT_BYTES = 256 << 20;

    private final StateFolder folder;
    private final DeviceRegistry notes;
    private final PagePool pool = new PagePool();
    private final Templates templates = Templates.ofEnvironment(pool);
    private final AtomicLong serials = new AtomicLong();
    private final Map<ServedDisk, NameClaim> disks = new ConcurrentHashMap<>();
    private final FilesInUse files = new FilesInUse();
    private final PreparedDisks spares = new PreparedDisks(this::discard);

    public Disks(StateFolder folder) {
        this.folder = folder;
        this.notes = new DeviceRegistry(folder);
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
     * As the specification says: formatted, mounted, rules in force. Whatever goes wrong, nothing is left behind.
     *
     * @param owned whether it ends with that client
     */
    public ServedDisk create(DiskSpec spec, long clientPid, boolean owned) throws IOException {
        Optional<ServedDisk> spare = spares.take(spec, clientPid);
        NameClaim claim = NameClaim.of(spec.name(), folder);
        ServedDisk disk;
        try {
            disk = spare.isPresent() ? spare.get() : make(spec, clientPid, owned);
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
        disks.put(disk, claim);
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

    /**
     * Makes a disk, while the caller goes on, for the next time that this client asks for one like that: then it is there. Its
     * last step, mounting, and its rules wait until then. What goes wrong is told to who asks then.
     *
     * @param owner the client that says when no more are needed, by {@link #endSpares}
     */
    public void prepare(DiskSpec spec, long clientPid, Object owner) {
        spares.add(owner, spec, clientPid, () -> {
            ServedDisk disk = make(spec, clientPid, true);
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

    public void endSpares(Object owner) {
        spares.end(owner);
    }

    /** Returns when those are gone that were {@linkplain #retire retired}, or it has waited for long. */
    public void awaitRetired() {
        List<ServedDisk> retired =
                disks.keySet().stream().filter(ServedDisk::isLeaving).toList();
        TimeLimitedTask.until(SETTLE_LIMIT, () -> retired.stream().noneMatch(disks::containsKey));
    }

    /** As {@link #create}, but neither mounted nor with its rules in force, and among no disks yet. */
    private ServedDisk make(DiskSpec spec, long clientPid, boolean owned) throws IOException {
        MakeFileSystem.checkInstalled(spec.fileSystem());
        Script script = Script.parse(spec.script(), "script");
        long seed = spec.seed().orElseGet(() -> chosen(script.seed()));
        FilesInUse.OfDisk taken = files.take(spec);
        Optional<Path> media = MediaFile.choose(spec, folder);
        try {
            return serve(new RecoveryRecord(spec, seed, media, clientPid, owned), script, taken);
        } catch (IOException | RuntimeException e) {
            taken.close();
            media.ifPresent(Disks::deleteFile);
            throw e;
        }
    }

    /** Returns a disk like that one, with those bytes, neither mounted nor with rules. */
    public ServedDisk createLike(ServedDisk origin, Snapshot bytes, Optional<String> name) throws IOException {
        DiskSpec spec = origin.spec().toBuilder()
                .name(name.orElse(null))
                .file(null)
                .recovery(Recovery.NONE)
                .volatileCache(origin.spec().volatileCache())
                .sizeBytes(bytes.sizeBytes())
                .mounted(false)
                .mountPoint(null)
                .script(null)
                .journalFile(null)
                .logWrites(null)
                .replay(null, null)
                .build();
        long seed = origin.info().seed();
        Script none = Script.parse("", "no script");
        NameClaim claim = NameClaim.of(spec.name(), folder);
        FilesInUse.OfDisk taken = files.take(spec);
        try {
            ServedDisk disk = serve(
                    new RecoveryRecord(spec, seed, Optional.empty(), -1, false),
                    none,
                    builder(spec, seed).from(bytes).build(),
                    true,
                    taken);
            disks.put(disk, claim);
            return disk;
        } catch (IOException | RuntimeException e) {
            taken.close();
            claim.close();
            throw e;
        }
    }

    /** Everything that {@link #create} does on the way to the kernel, with nothing to show for it. */
    public String rehearse() throws IOException, ProtocolException {
        DiskSpec spec = DiskSpec.parse(KeyValues.parse(new ProtocolLine("size=4096")));
        Script script = Script.parse("on read fail IO", "rehearsal");
        try (Drive drive = drive(new RecoveryRecord(spec, 0, Optional.empty(), 0, false))) {
            drive.rules().addAll(script.rules());
            drive.snapshot().close();
            return builder(spec, drive).toString();
        }
    }

    /** Takes it down, and off every mount; returns what was left open. */
    public List<String> delete(ServedDisk disk) {
        return delete(disk, PATIENCE, true);
    }

    /**
     * The first half of the end of a disk that a client owns: without an owner, and unmounted. The rest follows when its owner
     * hangs up. If a process uses it, or it hangs, it is {@linkplain #delete deleted} at once.
     */
    public List<String> retire(ServedDisk disk) {
        return disk.leave(PATIENCE) ? List.of() : delete(disk);
    }

    /**
     * Takes all down at the same time and in short: only what the server mounted is unmounted, the rest reported. Whoever comes
     * second waits for the first: whether the process may end depends on it.
     */
    public synchronized void deleteAll() {
        List<TimeLimitedTask<?>> ends = new ArrayList<>(spares.giveUp());
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
            Log.say("a disk has not been taken down in an orderly way: " + e);
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

    /** One that was never among the disks. */
    private void discard(ServedDisk disk) {
        disk.delete(PATIENCE, true);
        forget(disk, NameClaim.NONE);
    }

    private void forget(ServedDisk disk, NameClaim claim) {
        disk.media().ifPresent(Disks::deleteFile);
        disk.files().close();
        try {
            notes.remove(disk.id());
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
     * Takes over a disk whose server is gone, or has handed it back: its bytes and what is mounted are as they were, its rules
     * begin anew.
     */
    public ServedDisk recover(String word, long clientPid) throws IOException {
        ServedDisk disk = Orphans.locked(folder, () -> recover(RecoverableDisk.find(notes, word)));
        disk.mounts().adopt(clientPid, mountFolder());
        disk.rules().begin();
        return disk;
    }

    private ServedDisk recover(RecoverableDisk inheritance) throws IOException {
        DiskSpec spec = inheritance.testament().spec();
        Script script = Script.parse(spec.script(), "script");
        FilesInUse.OfDisk taken = files.take(spec);
        NameClaim claim;
        try {
            claim = NameClaim.of(spec.name(), folder);
        } catch (IOException e) {
            taken.close();
            throw e;
        }
        try {
            DeviceAttachment port =
                    new DeviceAttachment(notes, inheritance.note().testament(), plug -> builder(spec, plug));
            Drive drive = drive(inheritance.testament());
            port.recover(drive, inheritance.note());
            ServedDisk disk =
                    new ServedDisk(serials.incrementAndGet(), inheritance.testament(), script, drive, port, taken);
            disks.put(disk, claim);
            return disk;
        } catch (IOException | RuntimeException e) {
            taken.close();
            claim.close();
            throw e;
        }
    }

    /** Leaves the disk's device without a server, for another one to recover. */
    public void handBack(ServedDisk disk) throws IOException {
        disk.handBack();
        disk.files().close();
        disks.remove(disk).close();
    }

    private ServedDisk serve(RecoveryRecord testament, Script script, FilesInUse.OfDisk taken) throws IOException {
        DiskSpec spec = testament.spec();
        if (spec.replay().isPresent()) {
            try (Snapshot bytes = new Snapshot(MediaTarget.replayed(spec, pool))) {
                Drive drive = builder(spec, testament.seed()).from(bytes).build();
                return serve(testament, script, drive, true, taken);
            }
        }
        Optional<Snapshot> template = templates.find(spec);
        Drive drive = template.isPresent()
                ? builder(spec, testament.seed()).from(template.get()).build()
                : drive(testament);
        return serve(testament, script, drive, template.isPresent(), taken);
    }

    private ServedDisk serve(
            RecoveryRecord testament, Script script, Drive drive, boolean formatted, FilesInUse.OfDisk taken)
            throws IOException {
        DiskSpec spec = testament.spec();
        try {
            script.checkAgainst(drive.sizeBytes());
        } catch (RuntimeException e) {
            drive.close();
            throw e;
        }
        String note = spec.recovery() == Recovery.NONE ? "" : testament.text();
        DeviceAttachment port = new DeviceAttachment(notes, note, plug -> builder(spec, plug));
        port.plugIn(drive);
        try {
            if (!formatted && spec.fileSystem() != FileSystem.NONE) {
                MakeFileSystem.run(spec, port.device().path());
                templates.keep(spec, drive);
            }
            return new ServedDisk(serials.incrementAndGet(), testament, script, drive, port, taken);
        } catch (IOException | RuntimeException e) {
            port.device().close();
            notes.remove(port.device().id());
            throw e;
        }
    }

    private Drive drive(RecoveryRecord testament) throws IOException {
        DiskSpec spec = testament.spec();
        DriveBuilder builder = builder(spec, testament.seed());
        return MediaFile.isFile(spec)
                ? builder.from(new BaseFile(testament.file(), spec.sizeBytes().orElse(0)))
                        .build()
                : builder.sizeBytes(spec.sizeBytes().orElseThrow()).build();
    }

    private DriveBuilder builder(DiskSpec spec, long seed) {
        return Drive.builder()
                .logicalBlockSize(spec.logicalBlockSizeBytes())
                .volatileCache(spec.volatileCache())
                .cacheBytes(spec.cacheSizeBytes())
                .seed(seed)
                .pool(pool);
    }

    private static UblkDeviceBuilder builder(DiskSpec spec, Backend backend) {
        return UblkDevice.builder(backend)
                .queues(spec.queues())
                .queueDepth(spec.queueDepth())
                .maxIoBytes(spec.maxIoBytes())
                .logicalBlockSize(spec.logicalBlockSizeBytes())
                .physicalBlockSize(spec.physicalBlockSizeBytes())
                .readOnly(spec.readOnly())
                .rotational(spec.rotational())
                .volatileCache(spec.volatileCache())
                .recovery(spec.recovery())
                .drainTimeout(DRAIN_LIMIT);
    }

    private static void deleteFile(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            Log.say(file + " stays behind: " + e);
        }
    }

    /** Returns a number that a person can copy from a report. */
    private static long chosen(OptionalLong fromScript) {
        long now = Seed.combine(Clock.nanos(), ProcessHandle.current().pid());
        return fromScript.orElse(now >>> Integer.SIZE + 1);
    }
}
