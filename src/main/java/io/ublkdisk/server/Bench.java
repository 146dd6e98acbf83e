package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mounts one device again and again, each time with other contents, and checks its filesystem in between: what crash states
 * need many times a second. The device is this bench's own; the server sees to it that nobody else has it mounted.
 *
 * <p>The kernel forgets what it knows of a device when the last one closes it, which is when it is unmounted or when the check
 * ends; but where udev looks at every disk that was closed, it may have it open at the wrong moment, so there it is told.
 */
final class Bench implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final boolean UDEV = Files.exists(Path.of("/run/udev/control"));

    private final Path device;
    private final FileSystem fs;
    private final Path where;
    private final String options;
    private final MountNamespace namespace;
    private final Shell shell;
    private final boolean madeFolder;
    private boolean mounted;

    /** @param where a folder of that client's, made if it is not there */
    Bench(Path device, FileSystem fs, long clientPid, Path where, String options) throws IOException {
        this.device = device;
        this.fs = fs;
        this.where = where;
        this.options = options;
        this.namespace = new MountNamespace(clientPid);
        this.madeFolder = namespace.makeFolder(where);
        this.shell = new Shell(clientPid);
    }

    /** Before the contents are exchanged: off, and nothing of it in memory. */
    void clear() throws DiskException {
        unmount();
        if (UDEV || fs == FileSystem.NONE) {
            require(List.of("blockdev", "--flushbufs", device.toString()));
        }
    }

    void mount() throws DiskException {
        List<String> command = new ArrayList<>(List.of("mount", "-t", fs.word()));
        String all = Templates.mountOptions(fs, options);
        if (!all.isEmpty()) {
            command.addAll(List.of("-o", all));
        }
        command.addAll(List.of(device.toString(), where.toString()));
        require(command);
        mounted = true;
    }

    private void unmount() throws DiskException {
        if (mounted) {
            require(List.of("umount", where.toString()));
            mounted = false;
        }
    }

    /** Takes it off and has its filesystem checked, which changes nothing. @return what is wrong; empty if it is clean */
    Optional<String> check() throws DiskException {
        unmount();
        Shell.Ended ended = shell.run(LIMIT, Check.command(fs, device));
        return ended.status() == 0 ? Optional.empty() : Optional.of(ended.said());
    }

    private void require(List<String> command) throws DiskException {
        Shell.Ended ended = shell.run(LIMIT, command);
        if (ended.status() != 0) {
            throw new DiskException(String.join(" ", command) + ": " + ended.said());
        }
    }

    /** The device is somebody else's from now on. */
    void end() throws IOException {
        unmount();
        close();
    }

    /** Ends the shell, and takes away the folder that was made, whatever may still be mounted there by now. */
    @Override
    public void close() {
        shell.close();
        if (madeFolder) {
            try {
                namespace.deleteFolder(where);
            } catch (IOException e) {
                Log.say("the mount point " + where + " stays behind: " + e);
            }
        }
    }
}
