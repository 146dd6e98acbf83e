package io.ublkdisk.server;

import io.ublkdisk.block.DetachableBackend;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.mount.BlockDevice;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.DeviceRegistry;
import io.ublkdisk.ublk.DeviceState;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import io.ublkdisk.ublk.UblkException;
import io.ublkdisk.ublk.UblkFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The device that a drive is plugged into, and the devices that it has been pulled out of. Not thread safe but for {@link
 * #device}.
 *
 * <p>A process with files open on a filesystem keeps its superblock, and with it the device, even after an unmount. To
 * mount that device again would give that superblock, with all that it has in memory. So a drive whose power went under
 * open files comes back as another device, with another number, like a disk that was pulled out and plugged in again. The
 * old device goes when the last file is closed.
 */
final class DeviceAttachment {
    private final DeviceRegistry registry;
    private final String recovery;
    private final Function<DetachableBackend, UblkDeviceBuilder> builder;
    private final List<Pulled> pulled = new ArrayList<>();
    private DetachableBackend backend;
    private volatile UblkDevice device;

    private record Pulled(Path path, TimeLimitedTask<Boolean> end) {}

    /** @param recovery text of the recovery record for the next server; empty if the disk cannot be recovered */
    DeviceAttachment(DeviceRegistry registry, String recovery, Function<DetachableBackend, UblkDeviceBuilder> builder) {
        this.registry = registry;
        this.recovery = recovery;
        this.builder = builder;
    }

    /** Returns the device, which runs. */
    UblkDevice device() {
        return device;
    }

    /** Makes a device for it that can be opened. If that fails the drive is closed. */
    void plugIn(Drive drive) throws IOException {
        DetachableBackend fresh = new DetachableBackend(drive);
        UblkDevice made;
        try {
            made = registered(fresh);
        } catch (IOException | RuntimeException e) {
            drive.close();
            throw e;
        }
        device = made;
        backend = fresh;
        try {
            made.start();
            BlockDevice.awaitOpenable(made.path());
        } catch (IOException | RuntimeException e) {
            made.close();
            registry.remove(made.id());
            throw e;
        }
    }

    /**
     * Registers the number before the device is there: whenever this process is killed, the next server knows that it is ours.
     */
    private UblkDevice registered(DetachableBackend fresh) throws IOException {
        for (int id = 0; ; id++) {
            if (Files.exists(Path.of("/dev/ublkc" + id))) {
                continue;
            }
            registry.add(id, recovery);
            try {
                return builder.apply(fresh).id(id).create();
            } catch (UblkException e) {
                registry.remove(id);
                if (!e.isTaken()) {
                    throw e;
                }
            } catch (RuntimeException e) {
                registry.remove(id);
                throw e;
            }
        }
    }

    /** Takes over a device that has lost its server. If that fails the drive is closed, and the device waits on. */
    void recover(Drive drive, DeviceRegistry.DeviceRecord record) throws IOException {
        DetachableBackend fresh = new DetachableBackend(drive);
        try {
            device = builder.apply(fresh).id(record.id()).recover();
            backend = fresh;
        } catch (IOException | RuntimeException e) {
            drive.close();
            throw e;
        }
        registry.takeOver(record);
    }

    /** Leaves the device, for another server to recover, and closes the drive in an orderly way. */
    void handBack() throws IOException {
        UblkDevice old = device;
        old.quiesce();
        old.close();
        registry.handBack(old.id());
    }

    /** Returns whether {@link #handBack} is possible. */
    boolean canHandBack() throws IOException {
        return device.info().features().contains(UblkFeature.QUIESCE);
    }

    /** Detaches the drive: from now on every request of the device fails. The device goes when no process uses it any more. */
    void pullOut() throws IOException {
        UblkDevice old = device;
        backend.detach();
        registry.forgetRecovery(old.id());
        pulled.add(new Pulled(old.path(), TimeLimitedTask.start("ublkdisk-pulled-" + old.id(), () -> {
            old.close();
            registry.remove(old.id());
            return true;
        })));
    }

    /**
     * Waits until the driver has stopped the device. This process may be about to end, and must not while the driver takes
     * the device down. The driver waits for requests that it gives up only when the process is gone, and the process waits
     * for the driver: both for ever (Linux 7.3).
     */
    void awaitStop(Duration limit) {
        if (!TimeLimitedTask.until(limit, () -> device.state() != DeviceState.RUNNING)) {
            Log.say(device.path() + " has not stopped after " + limit.toSeconds() + " s");
        }
    }

    /** Waits that long for devices that were pulled out. @return devices that a process still uses, one line each */
    List<String> awaitGone(Duration limit) {
        List<String> left = new ArrayList<>();
        for (Pulled old : pulled) {
            if (!old.end.await(limit)) {
                left.add("files on " + old.path + ", opened before a power cut and never closed");
            }
        }
        return left;
    }
}
