package io.ublkdisk.server.mount;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Who keeps a mount or a device busy, by what {@code /proc} and {@code /sys} say: processes with open files, mapped files, current
 * and root folders; and in the kernel, mounts on top, swap files, loop devices. Only links and tables are read, so that no
 * filesystem is asked, which may be the one that hangs.
 */
public final class MountUsers {
    private static final Path PROC = Path.of("/proc");
    /** Enough to find the culprit. */
    private static final int LIMIT = 20;
    /** What {@code /proc} adds to the name of a file that is deleted, and the nodes of a device that has stopped are. */
    private static final String DELETED = " (deleted)";

    private MountUsers() {}

    /** Returns one line for each process and file under that folder: process, how, which file. */
    public static List<String> under(Path where) {
        return of(target -> Path.of(target).startsWith(where));
    }

    /** Returns the same for a block device and its partitions, stopped or not. */
    public static List<String> ofDevice(Path device) {
        return of(deviceOrPartition(device));
    }

    private static Predicate<String> deviceOrPartition(Path device) {
        return Pattern.compile(Pattern.quote(device.toString()) + "(p\\d+)?(" + Pattern.quote(DELETED) + ")?")
                .asMatchPredicate();
    }

    /** Returns whether a process uses something under that folder. */
    public static boolean isUsedBy(long pid, Path where) {
        return isBy(pid, target -> Path.of(target).startsWith(where));
    }

    /** Returns whether a process has a block device or one of its partitions open. */
    public static boolean isOpenIn(long pid, Path device) {
        return isBy(pid, deviceOrPartition(device));
    }

    private static boolean isBy(long pid, Predicate<String> wanted) {
        Set<String> found = new LinkedHashSet<>();
        addProcess(found, PROC.resolve(Long.toString(pid)), wanted);
        return !found.isEmpty();
    }

    /**
     * Returns who keeps a mount busy, the kernel included.
     *
     * @param pid a process that sees the mount
     */
    static List<String> ofMount(long pid, Path where) {
        List<String> found = new ArrayList<>(under(where));
        MountTable.over(pid, where)
                .forEach(mount -> found.add(
                        where.equals(mount.where())
                                ? where + " is mounted over by " + mount.what() + "; umount " + mount.where()
                                : mount.what() + " is mounted on " + mount.where() + ", which is on it; umount "
                                        + mount.where()));
        KernelUsers.under(where, found);
        return found.isEmpty()
                ? List.of(where
                        + " is in use by something that is no process: neither a mount on it nor a swap file nor a loop"
                        + " device; look at /proc/" + pid + "/mountinfo, and at what the kernel exports (NFS)")
                : found;
    }

    private static List<String> of(Predicate<String> wanted) {
        Set<String> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                addProcess(found, process, wanted);
                if (found.size() >= LIMIT) {
                    break;
                }
            }
        } catch (IOException e) {
            found.add("unknown, /proc cannot be listed: " + e.getMessage());
        }
        return new ArrayList<>(found);
    }

    private static void addProcess(Set<String> found, Path process, Predicate<String> wanted) {
        for (String link : List.of("cwd", "root", "exe")) {
            add(found, process, link, process.resolve(link), wanted);
        }
        addAll(found, process, "open", wanted, "fd");
        addAll(found, process, "mapped", wanted, "map_files");
    }

    private static void addAll(Set<String> found, Path process, String how, Predicate<String> wanted, String folder) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(process.resolve(folder))) {
            for (Path link : links) {
                add(found, process, how, link, wanted);
            }
        } catch (IOException | RuntimeException gone) {
            // The process has ended, and holds nothing any more.
            return;
        }
    }

    private static void add(Set<String> found, Path process, String how, Path link, Predicate<String> wanted) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            if (found.size() < LIMIT && wanted.test(target)) {
                found.add("process " + process.getFileName() + " (" + command(process) + ") " + how + " " + target);
            }
        } catch (IOException | RuntimeException gone) {
            // So has this file.
            return;
        }
    }

    private static String command(Path process) throws IOException {
        return Files.readString(process.resolve("comm")).strip();
    }
}
