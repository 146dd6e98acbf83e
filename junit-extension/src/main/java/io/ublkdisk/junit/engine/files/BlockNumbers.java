package io.ublkdisk.junit.engine.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The numbers by which the kernel knows a block device and its partitions, as {@code stat} says them. One device can have many
 * names; its number is one.
 */
final class BlockNumbers {
    private static final Path SYS_BLOCK = Path.of("/sys/block");

    private BlockNumbers() {}

    /** Returns those of a device such as {@code /dev/ublkb0} and of all its partitions; none if it is not there. */
    static Set<Long> of(Path device) {
        Set<Long> numbers = new HashSet<>();
        Path folder = SYS_BLOCK.resolve(device.getFileName());
        add(folder, numbers);
        try (DirectoryStream<Path> partitions = Files.newDirectoryStream(folder, device.getFileName() + "p*")) {
            partitions.forEach(partition -> add(partition, numbers));
        } catch (IOException gone) {
            return numbers;
        }
        return numbers;
    }

    private static void add(Path folder, Set<Long> numbers) {
        try {
            numbers.add(number(Files.readString(folder.resolve("dev")).strip()));
        } catch (IOException | RuntimeException gone) {
            return;
        }
    }

    /** Returns the number of {@code MAJOR:MINOR} as the C library packs it ({@code makedev}). */
    static long number(String majorMinor) {
        int colon = majorMinor.indexOf(':');
        long major = Long.parseLong(majorMinor.substring(0, colon));
        long minor = Long.parseLong(majorMinor.substring(colon + 1));
        return (major & 0xfffL) << 8 | (major & ~0xfffL) << 32 | minor & 0xffL | (minor & ~0xffL) << 12;
    }

    /** Returns whether a link of {@code /proc/PID/fd} leads to one of these devices. */
    static boolean isOneOf(Path descriptor, Set<Long> numbers) {
        try {
            return Files.getAttribute(descriptor, "unix:rdev") instanceof Long number && numbers.contains(number);
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }
}
