package io.ublkdisk.server;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Seed;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DriveBuilder;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.log.MediaTarget;
import io.ublkdisk.server.mount.MakeFileSystem;
import io.ublkdisk.server.mount.MediaFile;
import io.ublkdisk.server.mount.Templates;
import io.ublkdisk.server.recovery.DeviceRegistry;
import io.ublkdisk.server.recovery.RecoverableDisk;
import io.ublkdisk.server.recovery.RecoveryRecord;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes served disks: drive, device and filesystem, as a specification or a recovery record says. A disk from here is not
 * mounted, and its rules are not in force yet. Thread safe.
 */
final class ServedDiskFactory {
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

    private final StateFolder folder;
    private final DeviceRegistry registry;
    private final PagePool pool;
    private final Templates templates;
    private final AtomicLong serials = new AtomicLong();
    private final FilesInUse files = new FilesInUse();

    ServedDiskFactory(StateFolder folder, DeviceRegistry registry, PagePool pool) {
        this.folder = folder;
        this.registry = registry;
        this.pool = pool;
        this.templates = Templates.ofEnvironment(pool);
    }

    ServedDisk make(DiskSpec spec, long clientPid, boolean owned) throws IOException {
        MakeFileSystem.checkInstalled(spec.fileSystem());
        Script script = Script.parse(spec.script(), "script");
        long seed = spec.seed().orElseGet(() -> randomSeed(script.seed()));
        FilesInUse.OfDisk taken = files.take(spec);
        Optional<Path> media = MediaFile.choose(spec, folder);
        try {
            return serve(new RecoveryRecord(spec, seed, media, clientPid, owned), script, taken);
        } catch (IOException | RuntimeException e) {
            taken.close();
            media.ifPresent(ServedDiskFactory::deleteFile);
            throw e;
        }
    }

    /** Returns the specification of a disk like this, with that many bytes: its own name and files, and no rules. */
    static DiskSpec specLike(ServedDisk origin, Optional<String> name, long sizeBytes) {
        return origin.spec().toBuilder()
                .name(name.orElse(null))
                .file(null)
                .recovery(Recovery.NONE)
                .volatileCache(origin.spec().volatileCache())
                .sizeBytes(sizeBytes)
                .mounted(false)
                .mountPoint(null)
                .script(null)
                .journalFile(null)
                .logWrites(null)
                .replay(null, null)
                .build();
    }

    /** Makes a disk with these bytes. */
    ServedDisk makeWith(Snapshot bytes, DiskSpec spec, long seed) throws IOException {
        Script noRules = Script.parse("", "no script");
        RecoveryRecord record = new RecoveryRecord(spec, seed, Optional.empty(), -1, false);
        FilesInUse.OfDisk taken = files.take(spec);
        try {
            Drive drive = driveBuilder(spec, seed).from(bytes).build();
            return serve(record, noRules, drive, true, taken);
        } catch (IOException | RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    /** Makes a disk of a device that waits for a server. If that fails, the device waits on. */
    ServedDisk recover(RecoverableDisk found) throws IOException {
        RecoveryRecord record = found.recovery();
        DiskSpec spec = record.spec();
        Script script = Script.parse(spec.script(), "script");
        FilesInUse.OfDisk taken = files.take(spec);
        try {
            DeviceAttachment attachment =
                    new DeviceAttachment(registry, found.device().recovery(), backend -> deviceBuilder(spec, backend));
            Drive drive = drive(record);
            attachment.recover(drive, found.device());
            return new ServedDisk(serials.incrementAndGet(), record, script, drive, attachment, taken);
        } catch (IOException | RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    /** Does everything that {@link #make} does on the way to the kernel, and throws the result away. */
    String rehearse() throws IOException, ProtocolException {
        DiskSpec spec = DiskSpec.parse(KeyValues.parse(new ProtocolLine("size=4096")));
        Script script = Script.parse("on read fail IO", "rehearsal");
        try (Drive drive = drive(new RecoveryRecord(spec, 0, Optional.empty(), 0, false))) {
            drive.rules().addAll(script.rules());
            drive.snapshot().close();
            return deviceBuilder(spec, drive).toString();
        }
    }

    private ServedDisk serve(RecoveryRecord record, Script script, FilesInUse.OfDisk taken) throws IOException {
        DiskSpec spec = record.spec();
        if (spec.replay().isPresent()) {
            try (Snapshot bytes = new Snapshot(MediaTarget.replayed(spec, pool))) {
                Drive drive = driveBuilder(spec, record.seed()).from(bytes).build();
                return serve(record, script, drive, true, taken);
            }
        }
        Optional<Snapshot> template = templates.find(spec);
        Drive drive = template.isPresent()
                ? driveBuilder(spec, record.seed()).from(template.get()).build()
                : drive(record);
        return serve(record, script, drive, template.isPresent(), taken);
    }

    private ServedDisk serve(
            RecoveryRecord record, Script script, Drive drive, boolean formatted, FilesInUse.OfDisk taken)
            throws IOException {
        DiskSpec spec = record.spec();
        try {
            script.checkAgainst(drive.sizeBytes());
        } catch (RuntimeException e) {
            drive.close();
            throw e;
        }
        String forNextServer = spec.recovery() == Recovery.NONE ? "" : record.text();
        DeviceAttachment attachment =
                new DeviceAttachment(registry, forNextServer, backend -> deviceBuilder(spec, backend));
        attachment.plugIn(drive);
        try {
            if (!formatted && spec.fileSystem() != FileSystem.NONE) {
                MakeFileSystem.run(spec, attachment.device().path());
                templates.keep(spec, drive);
            }
            return new ServedDisk(serials.incrementAndGet(), record, script, drive, attachment, taken);
        } catch (IOException | RuntimeException e) {
            attachment.device().close();
            registry.remove(attachment.device().id());
            throw e;
        }
    }

    private Drive drive(RecoveryRecord record) throws IOException {
        DiskSpec spec = record.spec();
        DriveBuilder builder = driveBuilder(spec, record.seed());
        return MediaFile.isFile(spec)
                ? builder.from(new BaseFile(record.file(), spec.sizeBytes().orElse(0)))
                        .build()
                : builder.sizeBytes(spec.sizeBytes().orElseThrow()).build();
    }

    private DriveBuilder driveBuilder(DiskSpec spec, long seed) {
        return Drive.builder()
                .logicalBlockSize(spec.logicalBlockSizeBytes())
                .volatileCache(spec.volatileCache())
                .cacheBytes(spec.cacheSizeBytes())
                .seed(seed)
                .pool(pool);
    }

    private static UblkDeviceBuilder deviceBuilder(DiskSpec spec, Backend backend) {
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

    static void deleteFile(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            Log.say(file + " stays behind: " + e);
        }
    }

    /** Returns a number that a person can copy from a report. */
    private static long randomSeed(OptionalLong fromScript) {
        long now = Seed.combine(Clock.nanos(), ProcessHandle.current().pid());
        return fromScript.orElse(now >>> Integer.SIZE + 1);
    }
}
