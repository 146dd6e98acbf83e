package io.ublkdisk.server.mount;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.process.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a server does with a block device from outside, as any program. */
public final class BlockDevice {
    private static final Duration NODE_LIMIT = Duration.ofSeconds(10);
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(6);
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(60);

    private BlockDevice() {}

    /** Waits until it can be opened: its node comes a moment after the device, and udev sets its rights after that. */
    public static void awaitOpenable(Path device) throws DiskException {
        if (!TimeLimitedTask.until(NODE_LIMIT, () -> Files.isReadable(device))) {
            throw new DiskException(device + " exists in the kernel but not in /dev, which may be a"
                    + " container's own and not the machine's devtmpfs. Give the container the machine's /dev");
        }
        // Where udev runs it opens new disks to look at them, and a disk that is open cannot be deleted.
        if (Files.exists(Path.of("/run/udev/control"))) {
            Tool.start(List.of("udevadm", "settle", "--timeout=5")).await(SETTLE_LIMIT);
        }
    }

    /** Whatever the kernel keeps of its bytes is written back and forgotten, also while programs have it open. */
    public static void forgetCached(Path device) throws DiskException {
        Tool.start(forgetting(device)).require(FLUSH_LIMIT, "emptying the kernel's cache of " + device);
    }

    /** Drops the cache as {@link #forgetCached} does, for a device without power: what cannot be written is dropped too. */
    public static void dropCached(Path device) throws DiskException {
        // Its writes fail, and the command may say so; once they have failed, the pages can be dropped.
        Tool.start(forgetting(device)).await(FLUSH_LIMIT);
    }

    /** Returns the command for {@link #forgetCached}, for who has a shell. */
    static List<String> forgetting(Path device) {
        return List.of("blockdev", "--flushbufs", device.toString());
    }
}
