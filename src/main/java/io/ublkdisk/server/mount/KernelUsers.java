package io.ublkdisk.server.mount;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What of the kernel itself uses files of a mount, so that no process can be blamed: swap files and loop devices. */
final class KernelUsers {
    private static final Path SWAPS = Path.of("/proc/swaps");
    private static final Path SYS_BLOCK = Path.of("/sys/block");

    private KernelUsers() {}

    /** Adds one line for each. */
    static void under(Path where, List<String> found) {
        swaps(where, found);
        loops(where, found);
    }

    private static void swaps(Path where, List<String> found) {
        try {
            Files.readAllLines(SWAPS).stream()
                    .skip(1)
                    .map(line -> MountTable.unescape(line.split("\\s+")[0]))
                    .filter(file -> Path.of(file).startsWith(where))
                    .forEach(file -> found.add("the kernel swaps to " + file + "; swapoff " + file));
        } catch (IOException none) {
            return;
        }
    }

    private static void loops(Path where, List<String> found) {
        try (DirectoryStream<Path> loops = Files.newDirectoryStream(SYS_BLOCK, "loop*")) {
            for (Path loop : loops) {
                Path backing = loop.resolve("loop/backing_file");
                if (Files.exists(backing)) {
                    Path file = Path.of(Files.readString(backing).strip());
                    if (file.startsWith(where)) {
                        String device = "/dev/" + loop.getFileName();
                        found.add(device + " is made of " + file + "; losetup -d " + device);
                    }
                }
            }
        } catch (IOException gone) {
            return;
        }
    }
}
