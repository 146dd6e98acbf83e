package io.ublkdisk.backend;

import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A disk whose bytes are a file's. What is discarded becomes a hole where the file system can do that, and zeroes elsewhere;
 * flush is {@code fdatasync}. Under a zero-copy data mode the kernel moves the bytes between the program and the file.
 *
 * <p>Do not put the file on a disk that the same device serves, directly or indirectly.
 */
public final class FileBackend extends SimpleBackend implements ZeroCopyBackend {
    private final FileChannel channel;
    private final int fd;

    private FileBackend(FileChannel channel, int fd, long sizeBytes) {
        super(sizeBytes);
        this.channel = channel;
        this.fd = fd;
    }

    /** Returns a disk as large as that file is. */
    public static FileBackend open(Path file) throws IOException {
        return open(file, -1);
    }

    /** Returns a disk of that size; the file is made if it is not there, and made as large if it is smaller. */
    public static FileBackend create(Path file, long sizeBytes) throws IOException {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("sizeBytes " + sizeBytes + ": must be positive");
        }
        return open(file, sizeBytes);
    }

    private static FileBackend open(Path file, long wantedBytes) throws IOException {
        FileChannel channel = wantedBytes < 0
                ? FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            long size = wantedBytes < 0 ? channel.size() : wantedBytes;
            if (size <= 0) {
                throw new IOException(file + " is empty: give it a size first, or use FileBackend.create");
            }
            if (channel.size() < size) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
            int flags = LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC;
            int fd = Errno.check(LinuxCalls.open(file.toString(), flags), "open " + file);
            return new FileBackend(channel, fd, size);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    protected void read(long offsetBytes, ByteBuffer target) throws IOException {
        channel.read(target, offsetBytes);
    }

    @Override
    protected void write(long offsetBytes, ByteBuffer source) throws IOException {
        channel.write(source, offsetBytes);
    }

    @Override
    protected void flush() throws IOException {
        channel.force(false);
    }

    @Override
    protected void discard(long offsetBytes, long lengthBytes) throws IOException {
        writeZeroes(offsetBytes, lengthBytes);
    }

    @Override
    protected void writeZeroes(long offsetBytes, long lengthBytes) throws IOException {
        int how = LinuxCalls.FALLOC_FL_PUNCH_HOLE | LinuxCalls.FALLOC_FL_KEEP_SIZE;
        int answer = LinuxCalls.fallocate(fd, how, offsetBytes, lengthBytes);
        if (Errno.of(answer) == Errno.EOPNOTSUPP) {
            super.writeZeroes(offsetBytes, lengthBytes);
        } else if (answer < 0) {
            throw new ErrnoException("fallocate of " + lengthBytes + " bytes at " + offsetBytes, Errno.of(answer));
        }
    }

    @Override
    public void submit(Request request, FileIo files) {
        long offset = request.offsetBytes();
        long length = request.lengthBytes();
        switch (request.operation()) {
            case READ -> files.read(request, fd, offset, 0, (int) length);
            case WRITE -> files.write(request, fd, offset, 0, (int) length, request.fua());
            case FLUSH -> files.sync(request, fd);
            case DISCARD, WRITE_ZEROES -> zero(request, files, offset, length);
        }
        request.complete();
    }

    void zero(Request request, FileIo files, long offset, long length) {
        if ((request.flags() & Request.NOUNMAP) == 0) {
            files.punchHole(request, fd, offset, length);
        } else {
            files.zeroRange(request, fd, offset, length);
        }
    }

    int fd() {
        return fd;
    }

    @Override
    public void close() {
        try {
            LinuxCalls.close(fd);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
