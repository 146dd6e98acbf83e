package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The mounts that a process sees. The server itself sees none of its disks' (it could not exit otherwise); what is done here
 * is done in the namespace of that process.
 */
final class MountNamespace {
    private final long pid;

    MountNamespace(long pid) {
        this.pid = pid;
    }

    Tool mount(Path device, Path where, String type, String options) throws DiskException {
        List<String> command = new ArrayList<>(List.of("mount", "-t", type));
        if (!options.isBlank()) {
            command.addAll(List.of("-o", options));
        }
        command.addAll(List.of(device.toString(), where.toString()));
        return in(command);
    }

    Tool unmount(Path where) throws DiskException {
        return in(List.of("umount", where.toString()));
    }

    /** Takes it out of sight, whoever uses it. */
    Tool detach(Path where) throws DiskException {
        return in(List.of("umount", "-l", where.toString()));
    }

    /** Makes a folder and those above it; false if it is there. */
    boolean makeFolder(Path folder) throws IOException {
        boolean there = Files.isDirectory(seen(folder));
        Files.createDirectories(seen(folder));
        return !there;
    }

    void deleteFolder(Path folder) throws IOException {
        Files.deleteIfExists(seen(folder));
    }

    /** Where this process finds what that process calls so. */
    private Path seen(Path path) {
        return Path.of("/proc/" + pid + "/root" + path);
    }

    private Tool in(List<String> command) throws DiskException {
        List<String> entered = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + pid + "/ns/mnt"));
        entered.addAll(command);
        return Tool.start(entered);
    }
}
