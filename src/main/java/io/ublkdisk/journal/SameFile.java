package io.ublkdisk.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Tells when one file has two names, and keeps a file for one writer. */
public final class SameFile {
    private static final int MOST_LINKS = 40;
    /** Of the type of a file in its mode, and the one of a block device. */
    private static final int TYPE = 0170000;

    private static final int BLOCK_DEVICE = 0060000;

    private SameFile() {}

    /**
     * Returns whether the two are one file or one block device: by device and inode, so by links of both kinds too; a loop device is
     * its file. Files that are not there yet are the same if they would be. What keeps no bytes, as {@code /dev/null}, never is.
     */
    public static boolean is(Path a, Path b) throws IOException {
        Path first = backing(a);
        Path second = backing(b);
        if (!Files.exists(first) || !Files.exists(second)) {
            return whereItWouldBe(first, 0).equals(whereItWouldBe(second, 0));
        }
        if (isBlockDevice(first) && isBlockDevice(second)) {
            return Files.getAttribute(first, "unix:rdev").equals(Files.getAttribute(second, "unix:rdev"));
        }
        return Files.isRegularFile(first) && Files.isSameFile(first, second);
    }

    /** Returns the file of a loop device; of anything else itself. */
    private static Path backing(Path path) throws IOException {
        if (!Files.exists(path) || !isBlockDevice(path)) {
            return path;
        }
        long device = ((Number) Files.getAttribute(path, "unix:rdev")).longValue();
        long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
        long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
        Path file = Path.of("/sys/dev/block/" + major + ":" + minor + "/loop/backing_file");
        return Files.isReadable(file) ? Path.of(Files.readString(file).strip()) : path;
    }

    private static boolean isBlockDevice(Path path) throws IOException {
        return ((int) Files.getAttribute(path, "unix:mode") & TYPE) == BLOCK_DEVICE;
    }

    private static Path whereItWouldBe(Path path, int links) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (Files.exists(absolute)) {
            return absolute.toRealPath();
        }
        Path folder = absolute.getParent();
        if (Files.isSymbolicLink(absolute) && links < MOST_LINKS) {
            return whereItWouldBe(folder.resolve(Files.readSymbolicLink(absolute)), links + 1);
        }
        return Files.exists(folder) ? folder.toRealPath().resolve(absolute.getFileName()) : absolute.normalize();
    }

    /**
     * Opens a file to be written anew, by one writer at a time. What is in it goes only when it is ours.
     *
     * @throws IOException if another process writes it, or has it as a disk
     */
    public static FileChannel begin(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        try {
            if (Files.isRegularFile(path)) {
                keep(file, path);
                file.truncate(0);
            }
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Keeps an open file for us, until it is closed.
     *
     * @throws IOException if another process keeps it
     */
    static void keep(FileChannel file, Path path) throws IOException {
        if (isTaken(file)) {
            throw new IOException(path + " is in use by a disk server, as a disk, a log or a journal; end that disk, or"
                    + " name another file");
        }
    }

    private static boolean isTaken(FileChannel file) {
        try {
            return file.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            return false; // a filesystem that knows no locks
        }
    }

    /** Returns the first of some files that is the same as this file. */
    public static Optional<Path> among(Iterable<Path> files, Path one) throws IOException {
        for (Path file : files) {
            if (is(file, one)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
