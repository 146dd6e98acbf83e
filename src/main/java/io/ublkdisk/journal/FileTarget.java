package io.ublkdisk.journal;

import io.ublkdisk.kernel.Holes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A log is replayed onto a file, which is made if there is none and grows as it must, or onto a block device. Not thread-safe.
 */
public final class FileTarget implements Replay.Target, AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel file;
    private final boolean grows;
    private final Holes holes;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);

    /**
     * Opens it, or makes it.
     *
     * @param sizeBytes how large a file is to be; 0: what it is, or has to be. Of a device the size is its own
     */
    public FileTarget(Path path, long sizeBytes) throws IOException {
        this.path = path;
        this.holes = new Holes(path);
        boolean isFile = Files.isRegularFile(path) || Files.notExists(path);
        file = isFile
                ? FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        grows = isFile && sizeBytes == 0;
        try {
            if (isFile) {
                SameFile.keep(file, path);
            }
            if (isFile && sizeBytes != 0) {
                resize(sizeBytes);
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void resize(long sizeBytes) throws IOException {
        if (file.size() > sizeBytes) {
            throw new IOException(path + " has " + file.size() + " bytes already, more than the " + sizeBytes
                    + " that it is to have; remove it first, or leave the size out");
        }
        if (file.size() < sizeBytes) {
            write(sizeBytes - 1, ByteBuffer.allocate(1));
        }
    }

    @Override
    public long sizeBytes() {
        try {
            return grows ? Long.MAX_VALUE : file.size();
        } catch (IOException e) {
            throw new IllegalStateException(path + " does not say how large it is", e);
        }
    }

    @Override
    public void write(long offsetBytes, ByteBuffer data) throws IOException {
        long to = offsetBytes;
        try {
            while (data.hasRemaining()) {
                to += file.write(data, to);
            }
        } catch (IOException e) {
            throw new IOException(
                    path + " cannot be written at byte " + to + ": " + e.getMessage()
                            + "; it has what was replayed up to there. Make room, or name another place",
                    e);
        }
    }

    /**
     * Zeroes the range. What is zeroes already is left alone, so that a sparse file stays sparse. A long range becomes a
     * hole, where there are holes.
     */
    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        long end = offsetBytes + lengthBytes;
        boolean isDone = lengthBytes >= Holes.WORTH_IT_BYTES && holes.punch(offsetBytes, lengthBytes);
        for (long at = offsetBytes; at < end && !isDone; at += CHUNK_BYTES) {
            int length = (int) Math.min(CHUNK_BYTES, end - at);
            if (holdsData(at, length)) {
                chunk.clear().limit(length);
                while (chunk.hasRemaining()) {
                    chunk.put((byte) 0);
                }
                write(at, chunk.flip());
            }
        }
        if (grows && file.size() < end) {
            write(end - 1, ByteBuffer.allocate(1));
        }
    }

    private boolean holdsData(long at, int length) throws IOException {
        chunk.clear().limit(length);
        while (chunk.hasRemaining() && file.read(chunk, at + chunk.position()) > 0) {}
        chunk.flip();
        while (chunk.remaining() >= Long.BYTES) {
            if (chunk.getLong() != 0) {
                return true;
            }
        }
        return false;
    }

    /** Everything is with the device, and a reader of the device sees it. */
    public void sync() throws IOException {
        file.force(true);
    }

    @Override
    public void close() throws IOException {
        try (file;
                holes) {
            sync();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
