package io.ublkdisk.backend;

import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk whose bytes are dealt out over several files, a chunk to each in turn (RAID 0):
 *
 * <pre>
 *   disk     | 0 | 1 | 2 | 3 | 4 | 5 | …
 *   file 0   | 0 | 2 | 4 | …
 *   file 1   | 1 | 3 | 5 | …
 * </pre>
 *
 * Each file is treated as {@link FileBackend} does it.
 */
public final class StripeBackend extends SimpleBackend implements ZeroCopyBackend {
    private static final int MIN_CHUNK_BYTES = 4096;

    private final FileBackend[] files;
    private final int chunkBytes;
    private final long rowBytes;

    private StripeBackend(FileBackend[] files, int chunkBytes, long sizeBytes) {
        super(sizeBytes);
        this.files = files;
        this.chunkBytes = chunkBytes;
        this.rowBytes = (long) chunkBytes * files.length;
    }

    /**
     * Returns a disk as large as the files are together. What does not fill a chunk at the end of a file is left over.
     *
     * @param chunkBytes a power of two, 4096 or more
     * @throws IOException if a file cannot be opened, or they are not equally many chunks long
     */
    public static StripeBackend open(List<Path> files, int chunkBytes) throws IOException {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no files: a stripe needs one or more");
        }
        if (chunkBytes < MIN_CHUNK_BYTES || Integer.bitCount(chunkBytes) != 1) {
            throw new IllegalArgumentException(
                    "chunkBytes " + chunkBytes + ": must be a power of two, " + MIN_CHUNK_BYTES + " or more");
        }
        List<FileBackend> opened = new ArrayList<>();
        try {
            for (Path file : files) {
                opened.add(FileBackend.open(file));
                checkLength(file, chunks(opened.get(opened.size() - 1), chunkBytes), files, opened, chunkBytes);
            }
            FileBackend[] backends = opened.toArray(FileBackend[]::new);
            return new StripeBackend(backends, chunkBytes, chunks(backends[0], chunkBytes) * chunkBytes * files.size());
        } catch (IOException | RuntimeException e) {
            opened.forEach(FileBackend::close);
            throw e;
        }
    }

    private static long chunks(FileBackend file, int chunkBytes) {
        return file.sizeBytes() / chunkBytes;
    }

    private static void checkLength(Path file, long chunks, List<Path> files, List<FileBackend> opened, int chunkBytes)
            throws IOException {
        long first = chunks(opened.get(0), chunkBytes);
        if (chunks == 0) {
            throw new IOException(file + " is shorter than a chunk of " + chunkBytes + " bytes");
        }
        if (chunks != first) {
            throw new IOException(file + " has " + chunks + " chunks of " + chunkBytes + " bytes, but " + files.get(0)
                    + " has " + first + ": make them equally long");
        }
    }

    @Override
    protected void read(long offsetBytes, ByteBuffer target) throws IOException {
        int limit = limitToChunk(offsetBytes, target);
        fileOf(offsetBytes).read(placeOf(offsetBytes), target);
        target.limit(limit);
    }

    @Override
    protected void write(long offsetBytes, ByteBuffer source) throws IOException {
        int limit = limitToChunk(offsetBytes, source);
        fileOf(offsetBytes).write(placeOf(offsetBytes), source);
        source.limit(limit);
    }

    @Override
    protected void flush() throws IOException {
        for (FileBackend file : files) {
            file.flush();
        }
    }

    @Override
    protected void discard(long offsetBytes, long lengthBytes) throws IOException {
        writeZeroes(offsetBytes, lengthBytes);
    }

    /** Zeroes a range of the disk, which is one range of each file. */
    @Override
    protected void writeZeroes(long offsetBytes, long lengthBytes) throws IOException {
        for (int i = 0; i < files.length; i++) {
            long begin = bytesBefore(offsetBytes, i);
            long end = bytesBefore(offsetBytes + lengthBytes, i);
            if (end > begin) {
                files[i].writeZeroes(begin, end - begin);
            }
        }
    }

    /** Makes one operation for each piece of a chunk, and for the rest one for each file. */
    @Override
    public void submit(Request request, FileIo io) {
        long offset = request.offsetBytes();
        long length = request.lengthBytes();
        switch (request.operation()) {
            case READ, WRITE -> {
                for (int done = 0; done < length; ) {
                    long at = offset + done;
                    int piece = (int) Math.min(length - done, chunkBytes - at % chunkBytes);
                    if (request.operation() == Operation.READ) {
                        io.read(request, fileOf(at).fd(), placeOf(at), done, piece);
                    } else {
                        io.write(request, fileOf(at).fd(), placeOf(at), done, piece, request.fua());
                    }
                    done += piece;
                }
            }
            case FLUSH -> {
                for (FileBackend file : files) {
                    io.sync(request, file.fd());
                }
            }
            case DISCARD, WRITE_ZEROES -> {
                for (int i = 0; i < files.length; i++) {
                    long begin = bytesBefore(offset, i);
                    long end = bytesBefore(offset + length, i);
                    if (end > begin) {
                        files[i].zero(request, io, begin, end - begin);
                    }
                }
            }
        }
        request.complete();
    }

    private FileBackend fileOf(long offsetBytes) {
        return files[(int) (offsetBytes % rowBytes / chunkBytes)];
    }

    private long placeOf(long offsetBytes) {
        return offsetBytes / rowBytes * chunkBytes + offsetBytes % chunkBytes;
    }

    /** Returns how many of the disk's bytes below that offset lie in file i. */
    private long bytesBefore(long offsetBytes, int i) {
        long inRow = offsetBytes % rowBytes - (long) i * chunkBytes;
        return offsetBytes / rowBytes * chunkBytes + Math.max(0, Math.min(inRow, chunkBytes));
    }

    /** Returns the limit that there was. */
    private int limitToChunk(long offsetBytes, ByteBuffer buffer) {
        int limit = buffer.limit();
        int left = chunkBytes - (int) (offsetBytes % chunkBytes);
        buffer.limit(Math.min(limit, buffer.position() + left));
        return limit;
    }

    @Override
    public void close() {
        for (FileBackend file : files) {
            file.close();
        }
    }
}
