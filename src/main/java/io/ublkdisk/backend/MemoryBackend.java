package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A disk in the Java heap, all zeroes at first, for embedding and for measuring. Memory is taken as it is written, in chunks of
 * 64 KiB, and given back by discarding whole chunks; nothing is allocated for a request that stays in chunks written before.
 *
 * <p>Requests that overlap in time and range are not ordered, as on any disk.
 */
public final class MemoryBackend implements Backend {
    private static final int CHUNK_SHIFT = 16;
    private static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    private static final byte[] ZEROES = new byte[CHUNK_BYTES];

    private final long sizeBytes;
    private final AtomicReferenceArray<byte[]> chunks;

    /** @param sizeBytes up to 128 TiB, if only few of them are ever written */
    public MemoryBackend(long sizeBytes) {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("sizeBytes " + sizeBytes + ": must be positive");
        }
        this.sizeBytes = sizeBytes;
        this.chunks = new AtomicReferenceArray<>(Math.toIntExact((sizeBytes + CHUNK_BYTES - 1) >>> CHUNK_SHIFT));
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void submit(Request request) {
        switch (request.operation()) {
            case READ -> read(request);
            case WRITE -> write(request);
            case DISCARD, WRITE_ZEROES -> zero(request.offsetBytes(), request.lengthBytes());
            case FLUSH -> {}
        }
        request.finish(BlockStatus.OK);
    }

    /** Returns how much memory the data takes. */
    public long allocatedBytes() {
        long allocated = 0;
        for (int i = 0; i < chunks.length(); i++) {
            allocated += chunks.get(i) == null ? 0 : CHUNK_BYTES;
        }
        return allocated;
    }

    private void read(Request request) {
        read(request.offsetBytes(), request.data(), (int) request.lengthBytes());
    }

    void read(long offset, ByteBuffer data, int length) {
        for (int done = 0; done < length; ) {
            int within = within(offset + done);
            int count = Math.min(length - done, CHUNK_BYTES - within);
            byte[] chunk = chunks.get(index(offset + done));
            data.put(done, chunk == null ? ZEROES : chunk, within, count);
            done += count;
        }
    }

    private void write(Request request) {
        write(request.offsetBytes(), request.data(), (int) request.lengthBytes());
    }

    void write(long offset, ByteBuffer data, int length) {
        for (int done = 0; done < length; ) {
            int within = within(offset + done);
            int count = Math.min(length - done, CHUNK_BYTES - within);
            data.get(done, chunkToWrite(index(offset + done)), within, count);
            done += count;
        }
    }

    private byte[] chunkToWrite(int index) {
        byte[] chunk = chunks.get(index);
        if (chunk == null) {
            byte[] fresh = new byte[CHUNK_BYTES];
            byte[] winner = chunks.compareAndExchange(index, null, fresh);
            chunk = winner == null ? fresh : winner;
        }
        return chunk;
    }

    void zero(long offset, long length) {
        long end = offset + length;
        while (offset < end) {
            int within = within(offset);
            int count = (int) Math.min(end - offset, CHUNK_BYTES - within);
            int index = index(offset);
            byte[] chunk = chunks.get(index);
            if (count == CHUNK_BYTES) {
                chunks.set(index, null);
            } else if (chunk != null) {
                System.arraycopy(ZEROES, 0, chunk, within, count);
            }
            offset += count;
        }
    }

    private static int index(long offset) {
        return (int) (offset >>> CHUNK_SHIFT);
    }

    private static int within(long offset) {
        return (int) (offset & (CHUNK_BYTES - 1));
    }
}
