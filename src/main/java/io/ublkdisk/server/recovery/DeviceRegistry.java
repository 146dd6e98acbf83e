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
    /** Stands for the server of a disk that was handed back, and that has none. */
    static final long NOBODY = 0;

    private static final Pattern FILE = Pattern.compile("server-([0-9]+)\\.disk-([0-9]+)");
    /** How often a file is wanted: a deleted device's number may be the next one's before the first one is forgotten. */
    private static final Map<Path, Integer> WANTED = new HashMap<>();

    private final StateFolder folder;

    public DeviceRegistry(StateFolder folder) {
        this.folder = folder;
    }

    /** @param testament empty if the disk cannot be recovered */
    public record DeviceRecord(Path file, long serverPid, int id, String testament) {
        Optional<RecoveryRecord> heritage() throws IOException {
            return testament.isEmpty() ? Optional.empty() : Optional.of(RecoveryRecord.parse(testament));
        }

        boolean isServed() {
            return serverPid != NOBODY && isAlive(serverPid);
        }
    }

    /** This process serves that device; {@link #remove} once for each time. */
    public void add(int id, String testament) throws IOException {
        Path file = file(ProcessHandle.current().pid(), id);
        synchronized (WANTED) {
            WANTED.merge(file, 1, Integer::sum);
            if (!testament.isEmpty() || !Files.exists(file)) {
                Path fresh = Files.createTempFile(
                        folder.path(),
                        "note-",
                        "",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(fresh, testament);
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

    /** That device must not be recovered. */
    public void disinherit(int id) throws IOException {
        Files.writeString(file(ProcessHandle.current().pid(), id), "");
    }

    /** This process serves that device no more, and anybody may. */
    public void handBack(int id) throws IOException {
        Path file = file(ProcessHandle.current().pid(), id);
        synchronized (WANTED) {
            WANTED.remove(file);
            Files.move(file, file(NOBODY, id), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** This process serves now what that note is about. */
    public void inherit(DeviceRecord note) throws IOException {
        Path file = file(ProcessHandle.current().pid(), note.id());
        synchronized (WANTED) {
            Files.move(note.file(), file, StandardCopyOption.REPLACE_EXISTING);
            WANTED.merge(file, 1, Integer::sum);
        }
    }

    /** Returns those of all servers, dead or alive. */
    public List<DeviceRecord> all() throws IOException {
        List<DeviceRecord> notes = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path(), "server-*")) {
            for (Path file : files) {
                Matcher name = FILE.matcher(file.getFileName().toString());
                if (name.matches()) {
                    read(file)
                            .ifPresent(text -> notes.add(new DeviceRecord(
                                    file, Long.parseLong(name.group(1)), Integer.parseInt(name.group(2)), text)));
                }
            }
        }
        return notes;
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
     * Returns whether that process is there and can be a server: process ids are used again, and the dead may wait for a
     * funeral.
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
