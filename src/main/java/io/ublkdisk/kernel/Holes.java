package io.ublkdisk.kernel;

import java.nio.file.Path;

/**
 * Makes ranges of a file or a block device zeroes without writing them: in a file they are holes then. Not every filesystem can,
 * which {@link #punch} answers. Thread safe.
 */
public final class Holes implements AutoCloseable {
    /** Ranges shorter than that are as quickly read and written. */
    public static final long WORTH_IT_BYTES = 1 << 20;

    private final Path path;
    private int fd = -1;
    private boolean refused;

    /** Opens nothing yet. */
    public Holes(Path path) {
        this.path = path;
    }

    /**
     * Makes the range zeroes; the size of a file stays as it is. What is a hole already stays one.
     *
     * @return false if that cannot be done here, and nothing has happened
     */
    public synchronized boolean punch(long offset, long length) {
        if (refused) {
            return false;
        }
        try {
            if (fd < 0) {
                fd = LinuxCalls.open(path.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
            }
            if (fd >= 0) {
                long data = LinuxCalls.seekData(fd, offset);
                if (data == -Errno.ENXIO.number() || data >= offset + length) {
                    return true; // a hole already, and the file stays untouched
                }
            }
            refused = fd < 0
                    || LinuxCalls.fallocate(
                                    fd,
                                    LinuxCalls.FALLOC_FL_KEEP_SIZE | LinuxCalls.FALLOC_FL_PUNCH_HOLE,
                                    offset,
                                    length)
                            < 0;
        } catch (LinkageError e) {
            refused = true; // no native code can be loaded here, and a file can be written without it
        }
        return !refused;
    }

    @Override
    public synchronized void close() {
        if (fd >= 0) {
            LinuxCalls.close(fd);
            fd = -1;
        }
        refused = true;
    }
}
