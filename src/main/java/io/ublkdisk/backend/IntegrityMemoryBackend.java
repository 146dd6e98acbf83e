package io.ublkdisk.backend;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A disk in memory with a checksum beside each logical block, made and checked by the block layer. {@link #corrupt} changes what is
 * stored behind its back. Thread safe.
 */
public final class IntegrityMemoryBackend implements IntegrityBackend {
    private final MemoryBackend memory;
    private final int blockBytes;
    private final Integrity integrity;
    private final byte[] metadata;

    /** @param blockBytes the device's logical block size */
    public IntegrityMemoryBackend(long sizeBytes, int blockBytes) {
        this(sizeBytes, blockBytes, Integrity.T10DIF);
    }

    public IntegrityMemoryBackend(long sizeBytes, int blockBytes, Integrity integrity) {
        this.integrity = integrity;
        this.memory = new MemoryBackend(sizeBytes);
        this.blockBytes = blockBytes;
        this.metadata = new byte[Math.toIntExact(sizeBytes / blockBytes * integrity.metadataBytes())];
        Arrays.fill(metadata, (byte) -1);
    }

    @Override
    public Integrity integrity() {
        return integrity;
    }

    @Override
    public long sizeBytes() {
        return memory.sizeBytes();
    }

    @Override
    public void submit(Request request) {
        if (request.operation() == Operation.DISCARD || request.operation() == Operation.WRITE_ZEROES) {
            synchronized (metadata) {
                int first = at(request.offsetBytes());
                Arrays.fill(metadata, first, first + at(request.lengthBytes()), (byte) -1);
            }
        }
        memory.submit(request);
    }

    @Override
    public void writeMetadata(Request request, ByteBuffer source) {
        synchronized (metadata) {
            source.get(0, metadata, at(request.offsetBytes()), at(request.lengthBytes()));
        }
    }

    @Override
    public void readMetadata(Request request, ByteBuffer target) {
        synchronized (metadata) {
            target.put(0, metadata, at(request.offsetBytes()), at(request.lengthBytes()));
        }
    }

    /** Flips a bit of the byte at that offset: of the data, not of what is kept beside them. */
    public void corrupt(long offsetBytes) {
        ByteBuffer one = ByteBuffer.allocate(1);
        memory.read(offsetBytes, one, 1);
        memory.write(offsetBytes, one.put(0, (byte) (one.get(0) ^ 1)), 1);
    }

    private int at(long bytes) {
        return (int) (bytes / blockBytes) * integrity.metadataBytes();
    }
}
