package io.ublkdisk.server;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Clock;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.Fields;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.Nearest;
import io.ublkdisk.control.ProtocolException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.control.Words;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DriveBuilder;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.fault.Seed;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.script.Script;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** The disks of a server. Thread safe; disks are made and taken down at the same time. */
final class Disks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** When the server itself is told to end. */
    private static final Duration SHORT_PATIENCE = Duration.ofMillis(500);

    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

    /** So much memory stays with a server that has no disk, for the next one. */
    private static final long KEPT_BYTES = 256 << 20;

    private final StateFolder folder;
    private final PagePool pool = new PagePool();
    private final Templates templates = Templates.ofEnvironment(pool);
    private final Map<ServedDisk, NameClaim> disks = new ConcurrentHashMap<>();

    Disks(StateFolder folder) {
        this.folder = folder;
    }

    boolean isEmpty() {
        return disks.isEmpty();
    }

    List<ServedDisk> all() {
        return disks.keySet().stream()
                .sorted((a, b) -> Integer.compare(a.id(), b.id()))
                .toList();
    }

    /** By name, id or path of the device. */
    ServedDisk named(String word) throws DiskException {
        for (ServedDisk disk : disks.keySet()) {
            if (disk.isCalled(word)) {
                return disk;
            }
        }
        List<String> names = all().stream().map(ServedDisk::name).toList();
        throw new DiskException("no disk '" + word + "'" + Nearest.hint(word, names));
    }

    /** Where disks are mounted whose client does not say where. */
    Path mountFolder() {
        return mountFolder(folder);
    }

    static Path mountFolder(StateFolder folder) {
        // Beside the state folder and not in it, so that programs that do not run as root can reach their disk.
        return folder.path().resolveSibling(folder.path().getFileName() + "-mnt");
    }

    /** As the specification says: formatted, mounted, rules in force. Whatever goes wrong, nothing is left behind. */
    ServedDisk create(DiskSpec spec, long clientPid) throws IOException {
        MakeFileSystem.checkInstalled(spec.fileSystem());
        Script script = Script.parse(spec.script(), "script");
        long seed = spec.seed().orElseGet(() -> chosen(script.seed()));
        NameClaim claim = NameClaim.of(spec.name(), folder);
        ServedDisk disk = null;
        try {
            disk = serve(spec, script, seed);
            disks.put(disk, claim);
            if (spec.mounted()) {
                disk.mounts().mount(clientPid, spec.mountPoint(), spec.mountOptions(), mountFolder());
            }
            disk.rules().begin();
            return disk;
        } catch (IOException | RuntimeException e) {
            if (disk != null) {
                delete(disk);
            } else {
                claim.close();
            }
            throw e;
        }
    }

    /** A disk like that one, with those bytes, neither mounted nor with rules. */
    ServedDisk createLike(ServedDisk origin, Snapshot bytes, Optional<String> name) throws IOException {
        DiskSpec spec = origin.spec().toBuilder()
                .name(name.orElse(null))
                .file(null)
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
        try {
            ServedDisk disk =
                    serve(spec, none, seed, builder(spec, seed).from(bytes).build(), true);
            disks.put(disk, claim);
            return disk;
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    /** Everything that {@link #create} does on the way to the kernel, with nothing to show for it. */
    String rehearse() throws IOException, ProtocolException {
        DiskSpec spec = DiskSpec.parse(Fields.parse(new Words("size=4096")));
        Script script = Script.parse("on read fail IO", "rehearsal");
        try (Drive drive = drive(spec, 0)) {
            drive.rules().addAll(script.rules());
            drive.snapshot().close();
            return builder(spec, drive).toString();
        }
    }

    /** Takes it down, and off every mount; returns what was left open. */
    List<String> delete(ServedDisk disk) {
        return delete(disk, PATIENCE, true);
    }

    /** Takes all down at the same time and in short: only what the server mounted is unmounted, the rest reported. */
    void deleteAll() {
        List<Bounded<List<String>>> ends = new ArrayList<>();
        for (ServedDisk disk : all()) {
            ends.add(Bounded.start(
                    "ublkdisk-end-" + disk.id(),
                    () -> delete(disk, SHORT_PATIENCE, disk.mounts().where().isPresent())));
        }
        for (Bounded<List<String>> end : ends) {
            end.await(PATIENCE.multipliedBy(2).plus(TakeDown.STOP_LIMIT));
        }
    }

    private List<String> delete(ServedDisk disk, Duration patience, boolean unmounting) {
        List<String> leaks = disk.delete(patience, unmounting);
        NameClaim claim = disks.remove(disk);
        if (claim != null) {
            leaks.forEach(leak -> Log.say(disk + " was left " + leak));
            try {
                Orphans.forget(folder, disk.id());
                claim.close();
            } catch (IOException e) {
                Log.say("the name of " + disk + " stays taken: " + e);
            }
            giveMemoryBack();
        }
        return leaks;
    }

    private void giveMemoryBack() {
        if (disks.isEmpty() && pool.reservedBytes() > KEPT_BYTES) {
            Bounded.start("ublkdisk-memory", () -> {
                long bytes = pool.trim();
                // The memory of a direct buffer goes with the buffer.
                System.gc();
                return bytes;
            });
        }
    }

    private ServedDisk serve(DiskSpec spec, Script script, long seed) throws IOException {
        if (spec.replay().isPresent()) {
            try (Snapshot bytes = new Snapshot(MediaTarget.replayed(spec, pool))) {
                return serve(spec, script, seed, builder(spec, seed).from(bytes).build(), true);
            }
        }
        Optional<Snapshot> template = templates.find(spec);
        Drive drive =
                template.isPresent() ? builder(spec, seed).from(template.get()).build() : drive(spec, seed);
        return serve(spec, script, seed, drive, template.isPresent());
    }

    private ServedDisk serve(DiskSpec spec, Script script, long seed, Drive drive, boolean formatted)
            throws IOException {
        try {
            script.checkAgainst(drive.sizeBytes());
        } catch (RuntimeException e) {
            drive.close();
            throw e;
        }
        Port port = new Port(folder, plug -> builder(spec, plug));
        port.plugIn(drive);
        try {
            if (!formatted && spec.fileSystem() != FileSystem.NONE) {
                MakeFileSystem.run(spec, port.device().path());
                templates.keep(spec, drive);
            }
            return new ServedDisk(spec, seed, script, drive, port);
        } catch (IOException | RuntimeException e) {
            port.device().close();
            Orphans.forget(folder, port.device().id());
            throw e;
        }
    }

    private Drive drive(DiskSpec spec, long seed) throws IOException {
        DriveBuilder builder = builder(spec, seed);
        return spec.file().isEmpty()
                ? builder.sizeBytes(spec.sizeBytes().orElseThrow()).build()
                : builder.from(new BaseFile(spec.file().get(), spec.sizeBytes().orElse(0)))
                        .build();
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
                .drainTimeout(DRAIN_LIMIT);
    }

    /** A number that a person can copy from a report. */
    private static long chosen(OptionalLong fromScript) {
        long now = Seed.combine(Clock.nanos(), ProcessHandle.current().pid());
        return fromScript.orElse(now >>> Integer.SIZE + 1);
    }
}
