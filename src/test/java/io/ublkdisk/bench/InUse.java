package io.ublkdisk.bench;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether somebody has a block device: it will be written over. */
final class InUse {
    /** On a block device: fails where it is mounted, swapped to, or part of another device. */
    private static final int O_EXCL = 0x80;

    private InUse() {}

    /** By whom; empty if by nobody, or it is not there. */
    static Optional<String> of(Path device) throws IOException {
        if (!Files.exists(device)) {
            return Optional.empty();
        }
        Path real = device.toRealPath();
        Path sysfs = Path.of("/sys/dev/block", number(real));
        if (!Files.exists(sysfs)) {
            return Optional.of(device + " is no block device");
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            if (line.startsWith(real + " ") || line.startsWith(device + " ")) {
                return Optional.of(device + " is mounted on " + line.split(" ")[1]);
            }
        }
        Path holders = sysfs.resolve("holders");
        if (Files.isDirectory(holders)) {
            try (Stream<Path> all = Files.list(holders)) {
                Optional<Path> holder = all.findFirst();
                if (holder.isPresent()) {
                    return Optional.of(device + " is part of " + holder.get().getFileName());
                }
            }
        }
        int fd = LinuxCalls.open(real.toString(), LinuxCalls.O_RDWR | O_EXCL | LinuxCalls.O_CLOEXEC);
        if (fd < 0) {
            return Optional.of(device + " cannot be had for oneself: " + Errno.of(fd));
        }
        LinuxCalls.close(fd);
        return Optional.empty();
    }

    /** MAJOR:MINOR, as sysfs has it. */
    private static String number(Path device) throws IOException {
        long rdev = (Long) Files.getAttribute(device, "unix:rdev");
        return (rdev >> 8 & 0xfff) + ":" + (rdev & 0xff | rdev >> 12 & 0xfff00);
    }
}
