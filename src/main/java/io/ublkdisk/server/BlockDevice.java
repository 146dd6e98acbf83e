package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a server does with a block device from outside, as any program. */
final class BlockDevice {
    private static final Duration NODE_LIMIT = Duration.ofSeconds(10);
    private static final int BLKFLSBUF = 0x1261;

    private BlockDevice() {}

    /** Waits until it can be opened: its node comes a moment after the device, and udev sets its rights after that. */
    static void awaitOpenable(Path device) throws DiskException {
        int[] answer = {0};
        boolean opened = Bounded.until(NODE_LIMIT, () -> (answer[0] = open(device)) >= 0);
        if (!opened) {
            throw new DiskException(device + " is there for the kernel but cannot be opened: " + Errno.of(answer[0])
                    + "; is /dev a devtmpfs, or a container's own?");
        }
        LinuxCalls.close(answer[0]);
        settleUdev();
    }

    /** Whatever the kernel keeps of its bytes is written back and forgotten, whoever has it open. */
    static void forgetCached(Path device) throws DiskException {
        int fd = open(device);
        int answer = fd < 0 ? fd : LinuxCalls.ioctl(fd, BLKFLSBUF, 0);
        if (fd >= 0) {
            LinuxCalls.close(fd);
        }
        if (answer < 0) {
            throw new DiskException("the cache of " + device + " cannot be emptied: " + Errno.of(answer));
        }
    }

    private static int open(Path device) {
        return LinuxCalls.open(device.toString(), LinuxCalls.O_RDONLY | LinuxCalls.O_CLOEXEC);
    }

    /** Where udev runs it opens new disks to look at them, and a disk that is open cannot be deleted. */
    private static void settleUdev() {
        if (!Files.exists(Path.of("/run/udev/control"))) {
            return;
        }
        try {
            Process settle = new ProcessBuilder("udevadm", "settle", "--timeout=5")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            settle.waitFor(6, TimeUnit.SECONDS);
        } catch (IOException e) {
            Log.debug("udev runs, but udevadm does not: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
