package io.ublkdisk.backend;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A disk whose bytes are a file's, with what is kept beside each logical block of 512 bytes in a second file, in the same order.
 * Flush makes the data durable and not what lies beside them.
 */
public final class IntegrityFileBackend implements IntegrityBackend {
    private static final int PIECE_BLOCKS = 4096;

    private final FileBackend data;
    private final FileChannel metadata;
    private final Integrity integrity;
    private final long sizeBytes;
    private final byte[] unchecked;

    private IntegrityFileBackend(FileBackend data, FileChannel metadata, Integrity integrity, long blocks) {
        this.data = data;
        this.metadata = metadata;
        this.integrity = integrity;
        this.sizeBytes = Sectors.toBytes(blocks);
        this.unchecked = new byte[PIECE_BLOCKS * integrity.metadataBytes()];
        Arrays.fill(unchecked, (byte) -1);
    }

    /**
     * Returns a disk of as many blocks as both files have. None of them counts as written: what the second file had is
     * overwritten.
     *
     * @throws IOException if a file cannot be opened, or has not even one block
     */
    public static IntegrityFileBackend open(Path data, Path metadata, Integrity integrity) throws IOException {
        FileBackend file = FileBackend.open(data);
        try {
            FileChannel beside = FileChannel.open(metadata, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                long blocks = Math.min(Sectors.ofBytes(file.sizeBytes()), beside.size() / integrity.metadataBytes());
                if (blocks == 0) {
                    throw new IOException(data + " and " + metadata + ": not even one block of 512 bytes and "
                            + integrity.metadataBytes());
                }
                IntegrityFileBackend backend = new IntegrityFileBackend(file, beside, integrity, blocks);
                backend.forget(0, blocks);
                return backend;
            } catch (IOException | RuntimeException e) {
                beside.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Integrity integrity() {
        return integrity;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void submit(Request request) throws IOException {
        if (request.operation() == Operation.DISCARD || request.operation() == Operation.WRITE_ZEROES) {
            forget(request.sector(), request.sectorCount());
        }
        data.submit(request);
    }

    /** Counts the blocks as never written. */
    private void forget(long firstBlock, long blocks) throws IOException {
        for (long done = 0; done < blocks; done += PIECE_BLOCKS) {
            int piece = (int) Math.min(PIECE_BLOCKS, blocks - done);
            ByteBuffer source = ByteBuffer.wrap(unchecked, 0, piece * integrity.metadataBytes());
            writeFully(source, (firstBlock + done) * integrity.metadataBytes());
        }
    }

    @Override
    public void writeMetadata(Request request, ByteBuffer source) {
        try {
            writeFully(of(request, source), request.sector() * integrity.metadataBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void readMetadata(Request request, ByteBuffer target) {
        ByteBuffer wanted = of(request, target);
        long offset = request.sector() * integrity.metadataBytes();
        try {
            while (wanted.hasRemaining()) {
                if (metadata.read(wanted, offset + wanted.position()) < 0) {
                    throw new IOException("what is kept beside block " + request.sector() + " ends too early");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeFully(ByteBuffer source, long offset) throws IOException {
        while (source.hasRemaining()) {
            metadata.write(source, offset + source.position());
        }
    }

    private ByteBuffer of(Request request, ByteBuffer buffer) {
        return buffer.slice(0, request.sectorCount() * integrity.metadataBytes());
    }

    @Override
    public void close() {
        data.close();
        try {
            metadata.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
