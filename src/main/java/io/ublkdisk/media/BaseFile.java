package io.ublkdisk.media;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.kernel.Holes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file under a disk: what no page says, it says. While several disks stand on it (forks, snapshots) it must stay as it is;
 * {@link #users} tells how many there are. Locked against other processes; closed when the last disk is.
 *
 * <p><b>Threads.</b> Any number read; the writer sees to it that no thread reads what changes.
 */
public final class BaseFile {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private final Path path;
    private final FileChannel channel;
    private final long sizeBytes;
    private final Holes holes;
    private int users;

    /**
     * Opens the file, or makes it.
     *
     * @param sizeBytes how long it is to be if it is new; 0 for one that is there
     * @throws IOException if it cannot be, with the reason and the remedy
     */
    public BaseFile(Path path, long sizeBytes) throws IOException {
        this.path = path;
        this.holes = new Holes(path);
        if (sizeBytes == 0 && Files.notExists(path)) {
            throw new IOException("there is no file " + path + "; it is made if you say how large the disk is to be");
        }
        this.channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            if (!isOurs()) {
                throw new IOException(
                        path + " is in use by another server, as a disk, a log or a journal; stop that server, or use a"
                                + " copy of the file");
            }
            if (channel.size() == 0 && sizeBytes > 0) {
                channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
            }
            this.sizeBytes = channel.size();
            if (this.sizeBytes == 0) {
                throw new IOException(path + " is empty; say how large the disk is to be");
            }
            if (sizeBytes > 0 && sizeBytes != this.sizeBytes) {
                throw new IOException(path + " has " + this.sizeBytes + " bytes and not " + sizeBytes
                        + "; leave the size out, or write that size");
            }
            if (this.sizeBytes % Sectors.BYTES != 0) {
                throw new IOException(path + " has " + this.sizeBytes + " bytes, which is no multiple of 512");
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private boolean isOurs() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Returns how many disks stand on it. */
    public synchronized int users() {
        return users;
    }

    synchronized void retain() {
        users++;
    }

    synchronized void release() {
        if (--users == 0) {
            try (holes) {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Reads a part of the file. What is past its end, in its last page, reads as zeroes. */
    void read(long offset, ByteBuffer into, int intoOffset, int length) {
        try {
            ByteBuffer part = into.slice(intoOffset, length);
            while (part.hasRemaining() && channel.read(part, offset + part.position()) >= 0) {
                // the kernel may give less than was asked
            }
            while (part.hasRemaining()) {
                part.put((byte) 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** Writes every page that is not in the file. */
    void write(PageTree tree, PagePool pool) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(PagePool.PAGE_BYTES);
        ZeroRun run = new ZeroRun();
        tree.differences(new PageTree.Differences() {
            @Override
            public void page(long index, int page) {
                pool.read(page, 0, bytes, 0, PagePool.PAGE_BYTES);
                write(index << PagePool.PAGE_SHIFT, bytes, PagePool.PAGE_BYTES);
            }

            @Override
            public void zeroes(long firstIndex, long pageCount) {
                run.add(firstIndex << PagePool.PAGE_SHIFT, pageCount << PagePool.PAGE_SHIFT);
            }
        });
        run.end();
    }

    /** Zeroes side by side, which are told page by page, as one range: a long one can become a hole. */
    private final class ZeroRun {
        private long from;
        private long to;

        void add(long offset, long length) {
            if (offset != to) {
                end();
                from = offset;
            }
            to = offset + length;
        }

        void end() {
            if (to > from) {
                zero(from, to - from);
            }
            from = to;
        }
    }

    /** Leaves holes alone: what is zeroes already is not written; a long range becomes a hole. */
    private void zero(long offset, long length) {
        long inFile = Math.min(length, sizeBytes - offset);
        if (inFile >= Holes.WORTH_IT_BYTES && holes.punch(offset, inFile)) {
            return;
        }
        ByteBuffer found = ByteBuffer.allocateDirect((int) Math.min(length, ZEROES.capacity()));
        long end = Math.min(offset + length, sizeBytes);
        for (long at = offset; at < end; at += found.capacity()) {
            int chunk = (int) Math.min(found.capacity(), end - at);
            read(at, found, 0, chunk);
            if (!found.slice(0, chunk).equals(ZEROES.slice(0, chunk))) {
                write(at, ZEROES, chunk);
            }
        }
    }

    private void write(long offset, ByteBuffer from, int length) {
        try {
            ByteBuffer part = from.slice(0, (int) Math.min(length, sizeBytes - offset));
            while (part.hasRemaining()) {
                channel.write(part, offset + part.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
        }
    }
}
