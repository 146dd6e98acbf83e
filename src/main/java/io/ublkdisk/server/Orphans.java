package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.ublk.DeviceInfo;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server leaves behind that was killed: its socket, and of each device the mount point, the number and
 * {@code /dev/ublkcN} (the block device goes by itself). The driver forgets who served a device, so a server keeps a file {@code server-PID.disk-N} for each;
 * those of a process that is no more say which devices may be deleted, and nothing of anybody else is touched.
 */
public final class Orphans {
    private static final Pattern FILE = Pattern.compile("server-([0-9]+)\\.(?:sock|disk-([0-9]+))");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** How often a file is wanted: a deleted device's number may be the next one's before the first one is forgotten. */
    private static final Map<Path, Integer> NOTES = new HashMap<>();

    private Orphans() {}

    /** Notes that this process serves that device; {@link #forget} once for each time. */
    static void note(StateFolder folder, int id) throws IOException {
        Path file = file(folder, id);
        synchronized (NOTES) {
            if (NOTES.merge(file, 1, Integer::sum) == 1 && !Files.exists(file)) {
                Files.createFile(file);
            }
        }
    }

    static void forget(StateFolder folder, int id) throws IOException {
        Path file = file(folder, id);
        synchronized (NOTES) {
            if (NOTES.computeIfPresent(file, (f, count) -> count == 1 ? null : count - 1) == null) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Clears away what servers of that folder have left that are no more. Returns how many devices that were. */
    public static int sweep(StateFolder folder) throws DiskException {
        // One at a time: a number that is free again may be somebody's new device.
        try (FileChannel channel = FileChannel.open(
                        folder.path().resolve("sweep.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock();
                DirectoryStream<Path> files = Files.newDirectoryStream(folder.path(), "server-*")) {
            int devices = 0;
            for (Path file : files) {
                Matcher name = FILE.matcher(file.getFileName().toString());
                if (lock.isValid() && name.matches() && !isAlive(Long.parseLong(name.group(1)))) {
                    devices += name.group(2) != null && delete(folder, Integer.parseInt(name.group(2))) ? 1 : 0;
                    Files.deleteIfExists(file);
                }
            }
            return devices;
        } catch (IOException e) {
            throw new DiskException(
                    "what a killed server left in " + folder.path() + " cannot be cleared away: " + e, e);
        }
    }

    private static boolean delete(StateFolder folder, int id) {
        try {
            // While the number is still taken, so that no other server has a mount there.
            Files.deleteIfExists(Disks.mountFolder(folder).resolve("ublkb" + id));
        } catch (IOException e) {
            Log.debug("a mount point of a killed server: " + e);
        }
        try (UblkControl control = UblkControl.open(LIMIT)) {
            DeviceInfo info = control.info(id);
            if (info.kernelState() != DeviceInfo.KernelState.DEAD || info.serverPid() > 0) {
                return false;
            }
            control.deleteAsync(id);
            return true;
        } catch (UblkException e) {
            Log.debug("ublk device " + id + " of a killed server: " + e.getMessage());
            return false;
        }
    }

    private static Path file(StateFolder folder, int id) {
        return folder.path().resolve("server-" + ProcessHandle.current().pid() + ".disk-" + id);
    }

    /** Whether that process is there and can be a server: process ids are used again. */
    private static boolean isAlive(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("java");
        } catch (IOException e) {
            return false;
        }
    }
}
