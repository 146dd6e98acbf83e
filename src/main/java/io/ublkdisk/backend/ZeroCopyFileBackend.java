package io.ublkdisk.backend;

import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A disk whose bytes are a file's, as {@link FileBackend} is, for a device with a zero-copy data mode: the kernel itself moves them
 * between the program and the file. Under any other data mode it is a {@link FileBackend}.
 */
public final class ZeroCopyFileBackend implements ZeroCopyBackend {
    private final FileBackend plain;
    private final int fd;

    private ZeroCopyFileBackend(FileBackend plain, int fd) {
        this.plain = plain;
        this.fd = fd;
    }

    /** A disk as large as that file is. */
    public static ZeroCopyFileBackend open(Path file) throws IOException {
        return over(FileBackend.open(file), file);
    }

    /** A disk of that size; the file is made if it is not there, and made as large if it is smaller. */
    public static ZeroCopyFileBackend create(Path file, long sizeBytes) throws IOException {
        return over(FileBackend.create(file, sizeBytes), file);
    }

    private static ZeroCopyFileBackend over(FileBackend plain, Path file) throws IOException {
        int fd = LinuxCalls.open(file.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
        if (fd < 0) {
            plain.close();
        }
        return new ZeroCopyFileBackend(plain, Errno.check(fd, "open " + file));
    }

    @Override
    public long sizeBytes() {
        return plain.sizeBytes();
    }

    @Override
    public void submit(Request request) throws IOException {
        plain.submit(request);
    }

    @Override
    public void submit(Request request, FileIo files) {
        long offset = request.offsetBytes();
        int length = (int) request.lengthBytes();
        switch (request.operation()) {
            case READ -> files.read(request, fd, offset, 0, length);
            case WRITE -> files.write(request, fd, offset, 0, length, request.fua());
            case FLUSH -> files.sync(request, fd);
            case DISCARD -> files.punchHole(request, fd, offset, length);
            case WRITE_ZEROES -> {
                if ((request.flags() & Request.NOUNMAP) == 0) {
                    files.punchHole(request, fd, offset, length);
                } else {
                    files.zeroRange(request, fd, offset, length);
                }
            }
        }
        request.complete();
    }

    @Override
    public void close() {
        LinuxCalls.close(fd);
        plain.close();
    }
}
