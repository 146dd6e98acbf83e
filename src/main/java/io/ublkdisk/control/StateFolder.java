package io.ublkdisk.control;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder in which the servers of a user are found: one socket each, {@code server-PID.sock}. It is {@code /run/ublkdisk}
 * for root and {@code $XDG_RUNTIME_DIR/ublkdisk} for others, unless {@code $UBLKDISK_STATE} says otherwise, and no other user
 * may look in.
 */
public final class StateFolder {
    /** As long as the kernel's {@code sun_path} allows, with its terminating zero. */
    private static final int SOCKET_PATH_LIMIT_BYTES = 107;

    private final Path path;

    /** Names a folder; it need not be there. */
    public StateFolder(Path path) {
        this.path = path;
    }

    /** Returns the folder of the user of this process. */
    public static StateFolder ofUser() throws DiskException {
        String given = System.getenv("UBLKDISK_STATE");
        if (given != null && !given.isEmpty()) {
            return new StateFolder(Path.of(given).toAbsolutePath());
        }
        int uid = uid();
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return new StateFolder(
                uid == 0
                        ? Path.of("/run/ublkdisk")
                        : runtime != null ? Path.of(runtime, "ublkdisk") : Path.of("/tmp/ublkdisk-" + uid));
    }

    /** Returns the user id of this process. */
    public static int uid() throws DiskException {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            throw new DiskException("/proc/self does not say who we are; is this Linux, with /proc mounted?", e);
        }
    }

    /** Returns where it is. */
    public Path path() {
        return path;
    }

    /** Returns the folder in which disks are mounted whose client names none. */
    public Path mountFolder() {
        // Beside the state folder and not in it, so that programs that do not run as root can reach their disk.
        return path.resolveSibling(path.getFileName() + "-mnt");
    }

    /** Makes it, if it is not there. */
    public StateFolder create() throws DiskException {
        try {
            Files.createDirectories(path.getParent());
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            checkOwner();
        } catch (IOException e) {
            throw new DiskException(
                    "the state folder " + path + " cannot be made (" + e + "); set UBLKDISK_STATE to one that can", e);
        }
        return this;
    }

    /** Returns where the server with that process id listens. */
    public Path socket(long pid) throws DiskException {
        Path socket = path.resolve("server-" + pid + ".sock");
        if (socket.toString().getBytes().length > SOCKET_PATH_LIMIT_BYTES) {
            throw new DiskException(socket + " is too long for a socket (" + SOCKET_PATH_LIMIT_BYTES
                    + " bytes at most); set UBLKDISK_STATE to a shorter path");
        }
        return socket;
    }

    /** Returns the sockets that are there; some may have no server behind them. */
    public List<Path> sockets() throws DiskException {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "server-*.sock")) {
            List<Path> all = new ArrayList<>();
            entries.forEach(all::add);
            all.sort(null);
            return all;
        } catch (IOException e) {
            throw new DiskException("the state folder " + path + " cannot be read: " + e, e);
        }
    }

    private void checkOwner() throws DiskException {
        try {
            int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) || owner != uid() || (mode & 077) != 0) {
                throw new DiskException("the state folder " + path + " is not a folder of ours alone (owner " + owner
                        + ", mode " + Integer.toOctalString(mode & 0777) + "); remove it, or set UBLKDISK_STATE");
            }
        } catch (IOException e) {
            throw new DiskException("the state folder " + path + " cannot be looked at: " + e, e);
        }
    }
}
