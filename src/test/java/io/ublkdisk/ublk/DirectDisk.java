package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A program's view of a block device: past the page cache, with the kernel's answers as they are. What it writes and expects is
 * computed from the place and a salt, so no copy of the disk is kept. One thread each.
 */
public final class DirectDisk implements AutoCloseable {
    static final int MAX_BYTES = 4 << 20;
    private static final int BLKDISCARD = 0x1277;
    private static final int BLKZEROOUT = 0x127f;

    private final int fd;
    private final MappedMemory memory;
    private final MappedMemory range;

    DirectDisk(Path device) throws ErrnoException {
        this(device, LinuxCalls.O_RDWR);
    }

    public DirectDisk(Path device, int access) throws ErrnoException {
        fd = Errno.check(
                LinuxCalls.open(device.toString(), access | LinuxCalls.O_DIRECT | LinuxCalls.O_CLOEXEC),
                "open " + device);
        memory = MappedMemory.anonymous(MAX_BYTES);
        range = MappedMemory.anonymous(16);
    }

    /** Bytes or {@code -errno}. */
    public int read(long offset, int length) {
        return (int) LinuxCalls.pread(fd, memory.address(), length, offset);
    }

    /** Bytes or {@code -errno}. */
    public int write(long offset, int length) {
        return (int) LinuxCalls.pwrite(fd, memory.address(), length, offset);
    }

    public int sync() {
        return LinuxCalls.fdatasync(fd);
    }

    public int discard(long offset, long length) {
        return range(BLKDISCARD, offset, length);
    }

    public int zeroOut(long offset, long length) {
        return range(BLKZEROOUT, offset, length);
    }

    public ByteBuffer buffer() {
        return memory.buffer();
    }

    void writePattern(long offset, int length, long salt) {
        ByteBuffer buffer = memory.buffer();
        for (int i = 0; i < length; i += Long.BYTES) {
            buffer.putLong(i, word(offset + i, salt));
        }
        assertThat(write(offset, length))
                .as("write of %d at %d", length, offset)
                .isEqualTo(length);
    }

    void expectPattern(long offset, int length, long salt) {
        clearBuffer(length);
        assertThat(read(offset, length)).as("read of %d at %d", length, offset).isEqualTo(length);
        ByteBuffer buffer = memory.buffer();
        for (int i = 0; i < length; i += Long.BYTES) {
            if (buffer.getLong(i) != word(offset + i, salt)) {
                throw new AssertionError("read of " + length + " at " + offset + ", salt " + salt + ": wrong from byte "
                        + i + " on: " + Long.toHexString(buffer.getLong(i)));
            }
        }
    }

    void expectZeroes(long offset, int length) {
        memory.buffer().putLong(0, -1);
        assertThat(read(offset, length)).as("read of %d at %d", length, offset).isEqualTo(length);
        for (int i = 0; i < length; i += Long.BYTES) {
            assertThat(memory.buffer().getLong(i)).as("byte %d", offset + i).isZero();
        }
    }

    private void clearBuffer(int length) {
        for (int i = 0; i < length; i += 512) {
            memory.buffer().putLong(i, -1);
        }
    }

    private static long word(long place, long salt) {
        return (place + 1) * 0x9E37_79B9_7F4A_7C15L ^ salt * 0xD1B5_4A32_D192_ED03L;
    }

    private int range(int request, long offset, long length) {
        range.buffer().putLong(0, offset).putLong(8, length);
        return LinuxCalls.ioctl(fd, request, range.address());
    }

    @Override
    public void close() {
        LinuxCalls.close(fd);
        memory.close();
        range.close();
    }
}
