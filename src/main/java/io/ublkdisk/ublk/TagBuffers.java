package io.ublkdisk.ublk;

import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.MappedMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The data memory of a queue: one buffer of the maximum I/O size per tag. A tag keeps its buffer, because the address that
 * goes with one request is where the driver puts the data of the next. Real pages come as they are touched.
 */
final class TagBuffers {
    /** A buffer's index is an int, so a queue of depth 4096 and 1 MiB needs several mappings. */
    private static final int CHUNK_BYTES = 1 << 30;

    private final int bufferBytes;
    private final int buffersPerChunk;
    private final MappedMemory[] chunks;
    private final long[] addresses;
    private MappedMemory graveyard;

    TagBuffers(int depth, int bufferBytes) throws ErrnoException {
        this.bufferBytes = bufferBytes;
        this.buffersPerChunk = Math.min(depth, Math.max(1, CHUNK_BYTES / bufferBytes));
        this.chunks = new MappedMemory[(depth + buffersPerChunk - 1) / buffersPerChunk];
        try {
            for (int i = 0; i < chunks.length; i++) {
                int buffers = Math.min(buffersPerChunk, depth - i * buffersPerChunk);
                chunks[i] = MappedMemory.anonymous(buffers * bufferBytes);
                // Of most buffers the first pages are all that is ever used.
                chunks[i].noHugePages();
                // Swapped out, it would have to be read back for the very write that is to make room.
                chunks[i].lockOnFault();
            }
        } catch (ErrnoException e) {
            release(true);
            throw e;
        }
        this.addresses = new long[depth];
        for (int slot = 0; slot < depth; slot++) {
            addresses[slot] = chunks[slot / buffersPerChunk].address() + offset(slot);
        }
    }

    ByteBuffer buffer(int slot) {
        if (graveyard != null && addresses[slot] == graveyard.address()) {
            return graveyard.buffer();
        }
        ByteBuffer chunk = chunks[slot / buffersPerChunk].buffer();
        return chunk.slice(offset(slot), bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    long address(int slot) {
        return addresses[slot];
    }

    /**
     * Gives the tag another buffer, which it shares with all others of its kind. A backend may still be reading the old one
     * although its request has ended, and the data of later requests must not show up there.
     */
    synchronized void retire(int slot) throws ErrnoException {
        if (graveyard == null) {
            graveyard = MappedMemory.anonymous(bufferBytes);
        }
        addresses[slot] = graveyard.address();
    }

    /** Returns what has been touched of it. */
    long residentBytes() {
        long bytes = 0;
        for (MappedMemory chunk : chunks) {
            bytes += chunk.residentBytes();
        }
        return bytes;
    }

    /** Lets go of the memory: at once, or as soon as no backend can reach a buffer any more. */
    void release(boolean atOnce) {
        for (MappedMemory chunk : chunks) {
            if (chunk != null && atOnce) {
                chunk.close();
            } else if (chunk != null) {
                chunk.closeWhenUnreachable();
            }
        }
        if (graveyard != null) {
            graveyard.close();
        }
    }

    private int offset(int slot) {
        return slot % buffersPerChunk * bufferBytes;
    }
}
