package io.ublkdisk.server;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.ublk.DeviceState;
import io.ublkdisk.ublk.UblkDevice;
import io.ublkdisk.ublk.UblkDeviceBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The device that a drive is plugged into, and those that it has been pulled out of. Not thread safe but for {@link #device}.
 *
 * <p>Whoever has files open on a filesystem keeps its superblock, and with it the device, though it was unmounted; and to mount
 * that device again would give that superblock, with all that it has in memory. So a drive whose power went under open files
 * comes back as another device, with another number, like a disk that was pulled out and plugged in again; the old device is
 * gone as soon as the last file is closed.
 */
final class Port {
    private final StateFolder folder;
    private final Function<Plug, UblkDeviceBuilder> builder;
    private final List<Pulled> pulled = new ArrayList<>();
    private Plug plug;
    private volatile UblkDevice device;

    private record Pulled(Path path, Bounded<Boolean> end) {}

    Port(StateFolder folder, Function<Plug, UblkDeviceBuilder> builder) {
        this.folder = folder;
        this.builder = builder;
    }

    /** It runs. */
    UblkDevice device() {
        return device;
    }

    /** Makes a device for it that can be opened. If that fails the drive is closed. */
    void plugIn(Drive drive) throws IOException {
        Plug fresh = new Plug(drive);
        UblkDevice made;
        try {
            made = builder.apply(fresh).create();
        } catch (IOException | RuntimeException e) {
            drive.close();
            throw e;
        }
        device = made;
        plug = fresh;
        try {
            Orphans.note(folder, made.id());
            made.start();
            BlockDevice.awaitOpenable(made.path());
        } catch (IOException | RuntimeException e) {
            made.close();
            Orphans.forget(folder, made.id());
            throw e;
        }
    }

    /** From now on every request of the device fails. It goes when nobody uses it any more. */
    void pullOut() {
        UblkDevice old = device;
        plug.pull();
        pulled.add(new Pulled(old.path(), Bounded.start("ublkdisk-pulled-" + old.id(), () -> {
            old.close();
            Orphans.forget(folder, old.id());
            return true;
        })));
    }

    /**
     * Waits until the driver has stopped the device. This process may be about to end, and must not while the driver takes the
     * device down: the driver waits for requests that it gives up only when the process is gone, the process waits for the
     * driver, and both for ever (Linux 7.3).
     */
    void awaitStop(Duration limit) {
        if (!Bounded.until(limit, () -> device.state() != DeviceState.RUNNING)) {
            Log.say(device.path() + " has not stopped after " + limit.toSeconds() + " s");
        }
    }

    /** Waits that long for devices of the past. @return those that somebody still uses, one line each */
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
