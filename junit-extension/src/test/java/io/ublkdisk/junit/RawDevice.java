package io.ublkdisk.junit;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A block device opened with O_DIRECT, as a database opens it: every read and write goes to the disk as it is, aligned to
 * 512 bytes. (Java's own {@code ExtendedOpenOption.DIRECT} insists on the 4096 of the file system that /dev lies on.)
 * Errors carry the errno by name. One thread at a time.
 */
final class RawDevice implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_DIRECT = 0x4000;
    private static final int O_CLOEXEC = 0x80000;
    private static final NativeLong BLKDISCARD = new NativeLong(0x1277);
    private static final NativeLong BLKZEROOUT = new NativeLong(0x127f);
    private static final int ALIGNMENT_BYTES = 4096;
    private static final Map<Integer, String> ERRNO = Map.of(
            5,
            "EIO",
            19,
            "ENODEV",
            22,
            "EINVAL",
            28,
            "ENOSPC",
            61,
            "ENODATA",
            67,
            "ENOLINK",
            84,
            "EILSEQ",
            110,
            "ETIMEDOUT",
            121,
            "EREMOTEIO");

    static {
        Native.register(RawDevice.class, "c");
    }

    private final Path path;
    private final int fd;
    private Memory memory = new Memory(3L * ALIGNMENT_BYTES);
    private Pointer aligned = memory.align(ALIGNMENT_BYTES);

    RawDevice(Path path) throws IOException {
        this.path = path;
        this.fd = open(path.toString(), O_RDWR | O_DIRECT | O_CLOEXEC);
        check(fd, "open");
    }

    /** @throws IOException with the errno, if not all of it can be read */
    byte[] read(long offset, int length) throws IOException {
        Pointer buffer = buffer(length);
        for (int done = 0; done < length; ) {
            long count = pread(fd, buffer.share(done), length - done, offset + done);
            check(count, "read at " + (offset + done));
            if (count == 0) {
                throw new IOException(path + ": the device ends at " + (offset + done));
            }
            done += (int) count;
        }
        return buffer.getByteArray(0, length);
    }

    void write(long offset, byte[] data) throws IOException {
        Pointer buffer = buffer(data.length);
        buffer.write(0, data, 0, data.length);
        for (int done = 0; done < data.length; ) {
            long count = pwrite(fd, buffer.share(done), data.length - done, offset + done);
            check(count, "write at " + (offset + done));
            done += (int) count;
        }
    }

    /** As blkdiscard does it. */
    void discard(long offset, long length) throws IOException {
        check(ioctl(fd, BLKDISCARD, range(offset, length)), "discard at " + offset);
    }

    /** As {@code blkdiscard -z} does it. */
    void writeZeroes(long offset, long length) throws IOException {
        check(ioctl(fd, BLKZEROOUT, range(offset, length)), "write zeroes at " + offset);
    }

    void flush() throws IOException {
        check(fsync(fd), "fsync");
    }

    @Override
    public void close() {
        close(fd);
    }

    private static Memory range(long offset, long length) {
        Memory range = new Memory(16);
        range.setLong(0, offset);
        range.setLong(8, length);
        return range;
    }

    private Pointer buffer(int length) {
        if (length + ALIGNMENT_BYTES > memory.size()) {
            memory = new Memory(length + 2L * ALIGNMENT_BYTES);
            aligned = memory.align(ALIGNMENT_BYTES);
        }
        return aligned;
    }

    private void check(long result, String what) throws IOException {
        if (result < 0) {
            int errno = Native.getLastError();
            throw new IOException(path + ", " + what + ": " + ERRNO.getOrDefault(errno, "errno " + errno));
        }
    }

    private static native int open(String path, int flags);

    private static native long pread(int fd, Pointer buffer, long count, long offset);

    private static native long pwrite(int fd, Pointer buffer, long count, long offset);

    private static native int ioctl(int fd, NativeLong request, Pointer argument);

    private static native int fsync(int fd);

    private static native int close(int fd);
}
