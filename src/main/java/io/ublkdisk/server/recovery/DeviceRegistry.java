package io.ublkdisk.server.recovery;

import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which devices the servers of a state folder have: a file {@code server-PID.disk-N} each, with the {@link RecoveryRecord} of a
 * disk that another server may recover, else empty. The driver forgets who served a device; the file stays when a server is
 * killed.
 */
public final class DeviceRegistry {
    /** In place of a process id: the disk was handed back, and no process serves it. */
    static final long NO_SERVER = 0;

    private static final Pattern FILE = Pattern.compile("server-([0-9]+)\\.disk-([0-9]+)");
    /** How often a file is wanted: a deleted device's number may be the next one's before the first one is forgotten. */
    private static final Map<Path, Integer> WANTED = new HashMap<>();

    private final StateFolder folder;

    public DeviceRegistry(StateFolder folder) {
        this.folder = folder;
    }

    /**
     * What is known of one device.
     *
     * @param recovery text of its recovery record; empty if the disk cannot be recovered
     */
    public record DeviceRecord(Path file, long serverPid, int id, String recovery) {
        Optional<RecoveryRecord> recoveryRecord() throws IOException {
            return recovery.isEmpty() ? Optional.empty() : Optional.of(RecoveryRecord.parse(recovery));
        }

        boolean isServed() {
            return serverPid != NO_SERVER && isAlive(serverPid);
        }
    }

    /**
     * Registers that this process serves a device. {@link #remove} it once for each time.
     *
     * @param recovery text of its recovery record; empty if the disk cannot be recovered
     */
    public void add(int id, String recovery) throws IOException {
        Path file = file(ProcessHandle.current().pid(), id);
        synchronized (WANTED) {
            WANTED.merge(file, 1, Integer::sum);
            if (!recovery.isEmpty() || !Files.exists(file)) {
                Path fresh = Files.createTempFile(
                        folder.path(),
                        "note-",
                        "",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(fresh, recovery);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    public void remove(int id) throws IOException {
        Path file = file(ProcessHandle.current().pid(), id);
        synchronized (WANTED) {
            if (WANTED.computeIfPresent(file, (f, count) -> count == 1 ? null : count - 1) == null) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Takes the recovery record of a device away: it must not be recovered. */
    public void forgetRecovery(int id) throws IOException {
        Files.writeString(file(ProcessHandle.current().pid(), id), "");
    }

    /** Registers that no process serves the device: any server may recover it. */
    public void handBack(int id) throws IOException {
        Path file = file(ProcessHandle.current().pid(), id);
        synchronized (WANTED) {
            WANTED.remove(file);
            Files.move(file, file(NO_SERVER, id), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Registers that this process has taken over that device. */
    public void takeOver(DeviceRecord device) throws IOException {
        Path file = file(ProcessHandle.current().pid(), device.id());
        synchronized (WANTED) {
            Files.move(device.file(), file, StandardCopyOption.REPLACE_EXISTING);
            WANTED.merge(file, 1, Integer::sum);
        }
    }

    /** Returns the devices of all servers, dead or alive. */
    public List<DeviceRecord> all() throws IOException {
        List<DeviceRecord> devices = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path(), "server-*")) {
            for (Path file : files) {
                Matcher name = FILE.matcher(file.getFileName().toString());
                if (name.matches()) {
                    read(file)
                            .ifPresent(text -> devices.add(new DeviceRecord(
                                    file, Long.parseLong(name.group(1)), Integer.parseInt(name.group(2)), text)));
                }
            }
        }
        return devices;
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private Path file(long pid, int id) {
        return folder.path().resolve("server-" + pid + ".disk-" + id);
    }

    /**
     * Returns whether that process is there and can be a server. Process ids are used again, and a dead process may be a
     * zombie.
     */
    public static boolean isAlive(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("java")
                    && !Files.readString(Path.of("/proc/" + pid + "/stat")).matches("(?s).*\\) [ZX] .*");
        } catch (IOException e) {
            return false;
        }
    }
}
