package io.ublkdisk.server.mount;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where block devices are mounted, by what {@code /proc} says: in the mount namespace of one process, or of every process
 * that there is. Mounts are found by their source, because btrfs has device numbers of its own.
 */
public final class MountTable {
    private static final Path PROC = Path.of("/proc");

    private MountTable() {}

    /**
     * A mount of a device.
     *
     * @param pid a process that sees it
     */
    public record Mount(long pid, Path device, Path where) {}

    /** Returns what that process sees mounted from that device or its partitions, the newest first; nothing if it is gone. */
    public static List<Mount> of(long pid, Path device) {
        List<Mount> found = new ArrayList<>();
        String itOrPartition = device + "(p[0-9]+)?";
        for (Mount mount : all(pid)) {
            if (mount.device.toString().matches(itOrPartition)) {
                found.add(0, mount);
            }
        }
        return found;
    }

    /** Returns what that process sees mounted from block devices, the oldest first; nothing if the process is gone. */
    public static List<Mount> all(long pid) {
        List<Mount> found = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/mountinfo"))) {
                // 36 35 98:0 /root /where options optional… - type source super-options
                String[] words = line.split(" ");
                int dash = List.of(words).indexOf("-");
                if (words.length > 4 && dash > 0 && dash + 2 < words.length && words[dash + 2].startsWith("/dev/")) {
                    found.add(new Mount(pid, Path.of(unescape(words[dash + 2])), Path.of(unescape(words[4]))));
                }
            }
        } catch (IOException gone) {
            return List.of();
        }
        return found;
    }

    /** What is mounted at or under a place: by whom the mount there is hidden or kept busy. */
    record Above(String what, Path where) {}

    /** Returns what that process sees mounted on a mount or on a folder of it, the newest first. */
    static List<Above> over(long pid, Path where) {
        try {
            return over(Files.readAllLines(PROC.resolve(pid + "/mountinfo")), where);
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Returns the same of these lines. The mount itself is the oldest at that place. */
    static List<Above> over(List<String> mountinfo, Path where) {
        List<Above> found = new ArrayList<>();
        boolean itself = true;
        for (String line : mountinfo) {
            String[] words = line.split(" ");
            int dash = List.of(words).indexOf("-");
            if (words.length <= 4 || dash < 0 || dash + 2 >= words.length) {
                continue;
            }
            Path at = Path.of(unescape(words[4]));
            if (at.equals(where) && itself) {
                itself = false;
            } else if (at.startsWith(where)) {
                String source = unescape(words[dash + 2]);
                found.add(0, new Above(words[dash + 1] + (source.equals("none") ? "" : " (" + source + ")"), at));
            }
        }
        return found;
    }

    /** Returns the same as {@link #of}, in every mount namespace that some process is in. */
    public static List<Mount> everywhere(Path device) {
        List<Mount> found = new ArrayList<>();
        for (long pid : namespaces().values()) {
            found.addAll(of(pid, device));
        }
        return found;
    }

    /** Returns one process for each mount namespace. */
    private static Map<String, Long> namespaces() {
        Map<String, Long> pids = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                namespace(process, pids);
            }
        } catch (IOException e) {
            throw new IllegalStateException("/proc cannot be listed; is it mounted?", e);
        }
        return pids;
    }

    private static void namespace(Path process, Map<String, Long> pids) {
        try {
            String namespace = Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
            pids.putIfAbsent(namespace, Long.parseLong(process.getFileName().toString()));
        } catch (IOException | RuntimeException gone) {
            // A process that ends while one looks holds nothing any more.
            return;
        }
    }

    /** Returns the text without escapes: the kernel writes a space as {@code \040}, and so on. */
    static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && text.length() >= i + 4) {
                out.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(text.charAt(i));
            }
        }
        return out.toString();
    }
}
