package io.ublkdisk.server.mount;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.server.process.Shell;
import io.ublkdisk.server.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The mounts that a process sees. The server itself sees no mount of its disks; it could not exit otherwise. What is done
 * here is done in the namespace of that process, by programs of the system. A {@link Shell} in there runs them one after
 * the other, and is kept until {@link #close}. What concerns other processes' mounts, and may hang in them, gets a new
 * process each time. Not thread safe.
 */
public final class MountNamespace implements AutoCloseable {
    private final long pid;
    /** Null until it is wanted. */
    private Shell shell;

    public MountNamespace(long pid) {
        this.pid = pid;
    }

    long pid() {
        return pid;
    }

    public boolean isOf(long process) {
        return pid == process;
    }

    /** Returns what that process sees mounted from that device, the newest first; nothing if it is gone. */
    List<MountTable.Mount> mounts(Path device) {
        return MountTable.of(pid, device);
    }

    /** Has the shell there that the others begin with. */
    public Shell shell() throws DiskException {
        if (shell == null || !shell.isAlive()) {
            close();
            shell = new Shell(pid);
        }
        return shell;
    }

    /** @throws DiskException with what {@code mount} and the kernel's log say if it fails or takes longer */
    void mount(Path device, Path where, String type, String options, Duration limit) throws DiskException {
        List<String> command = new ArrayList<>(List.of("mount", "-t", type));
        if (!options.isBlank()) {
            command.addAll(List.of("-o", options));
        }
        command.addAll(List.of(device.toString(), where.toString()));
        long begun = Clock.nanos();
        Shell.Ended ended = shell().run(limit, command);
        if (ended.status() != 0) {
            List<String> kernel = KernelLog.ofLast(
                    Duration.ofNanos(Clock.nanos() - begun),
                    List.of(type, device.getFileName().toString()));
            throw failed(command, ended, kernel.isEmpty() ? "" : "\nThe kernel's log: " + String.join("\n  ", kernel));
        }
    }

    /** @throws DiskException with what {@code umount} says if it fails or takes longer */
    void unmount(Path where, Duration limit) throws DiskException {
        require(limit, List.of("umount", where.toString()));
    }

    /** @throws DiskException with what the command says if it fails or takes longer */
    void require(Duration limit, List<String> command) throws DiskException {
        Shell.Ended ended = shell().run(limit, command);
        if (ended.status() != 0) {
            throw failed(command, ended, "");
        }
    }

    private static DiskException failed(List<String> command, Shell.Ended ended, String more) {
        return new DiskException(
                String.join(" ", command) + " ends with exit status " + ended.status() + ": " + ended.said() + more);
    }

    /** {@link #unmount} by a process of its own. */
    Tool unmounting(Path where) throws DiskException {
        return in(List.of("umount", where.toString()));
    }

    /** Takes it out of sight, also while programs use it, by a process of its own. */
    public Tool detaching(Path where) throws DiskException {
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

    /** Returns whether that process is there still, and its files with it. */
    boolean isThere() {
        return Files.exists(seen(Path.of("/")));
    }

    /** Returns where this process finds what that process calls so. */
    private Path seen(Path path) {
        return Path.of("/proc/" + pid + "/root" + path);
    }

    private Tool in(List<String> command) throws DiskException {
        List<String> entered = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + pid + "/ns/mnt"));
        entered.addAll(command);
        return Tool.start(entered);
    }

    /** Ends the shell, which has kept the namespace there. */
    @Override
    public void close() {
        if (shell != null) {
            shell.close();
            shell = null;
        }
    }
}
