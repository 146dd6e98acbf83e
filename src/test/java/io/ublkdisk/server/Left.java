package io.ublkdisk.server;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.mount.MountTable;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is there of disks, devices, mounts and servers on this machine: for tests, which want to find nothing. */
public final class Left {
    private Left() {}

    /** One line each: block devices, character devices, mounts, files of servers. */
    static List<String> everything() {
        List<String> left = new ArrayList<>();
        left.addAll(names(Path.of("/sys/block"), "ublkb"));
        left.addAll(names(Path.of("/sys/class/ublk-char"), "ublkc"));
        left.addAll(names(Path.of("/dev"), "ublkb"));
        left.addAll(names(Path.of("/dev"), "ublkc"));
        MountTable.all(ProcessHandle.current().pid()).stream()
                .filter(m -> m.device().toString().startsWith("/dev/ublk"))
                .forEach(m -> left.add("mount " + m.where()));
        return left;
    }

    /** Sockets, names and notes of servers. */
    static List<String> ofServers() throws IOException {
        Path folder = StateFolder.ofUser().path();
        List<String> left = new ArrayList<>(names(folder, "server-"));
        left.addAll(names(folder, "add-"));
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.map(Path::toString).filter(f -> f.endsWith(".name")).forEach(left::add);
            }
        }
        left.addAll(names(folder.resolveSibling("ublkdisk-mnt"), "ublk"));
        return left;
    }

    /** Waits that long at most; what is left then is returned. */
    public static List<String> after(Duration limit) {
        TimeLimitedTask.until(limit, () -> everything().isEmpty());
        return everything();
    }

    private static List<String> names(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .map(Path::toString)
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
