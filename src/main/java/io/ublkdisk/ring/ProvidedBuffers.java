package io.ublkdisk.ring;

import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.MappedMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Buffers of one size that the kernel takes, one for each answer of a multishot command, and that we give back when we have
 * read them. They are a ring of {@code struct io_uring_buf} (16 bytes: address, length, id) whose tail is ours. One thread
 * only.
 */
public final class ProvidedBuffers implements AutoCloseable {
    private static final VarHandle SHORT =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());

    private static final int ENTRY_BYTES = 16;
    private static final int LENGTH = 8;
    private static final int ID = 12;
    /** Of the first entry, in what it does not use itself: {@code struct io_uring_buf_ring}. */
    private static final int K_TAIL = 14;

    private final int bufferBytes;
    private final int mask;
    private final MappedMemory entries;
    private final MappedMemory buffers;
    private int tail;

    /**
     * @param group how commands name them
     * @param count a power of two
     */
    public ProvidedBuffers(IoUring ring, int group, int count, int bufferBytes) throws ErrnoException {
        this.bufferBytes = bufferBytes;
        this.mask = count - 1;
        entries = MappedMemory.anonymous(count * ENTRY_BYTES);
        MappedMemory memory = null;
        try {
            memory = MappedMemory.anonymous(count * bufferBytes);
            ring.registerBufferRing(entries.address(), count, group);
        } catch (ErrnoException e) {
            if (memory != null) {
                memory.close();
            }
            entries.close();
            throw e;
        }
        buffers = memory;
        for (int id = 0; id < count; id++) {
            giveBack(id);
        }
    }

    /** Returns all of them, one behind the other. */
    public ByteBuffer bytes() {
        return buffers.buffer();
    }

    /** Returns where in {@link #bytes} a buffer begins. */
    public int offset(int id) {
        return id * bufferBytes;
    }

    /** Gives that buffer back to the kernel. */
    public void giveBack(int id) {
        ByteBuffer ring = entries.buffer();
        int entry = (tail & mask) * ENTRY_BYTES;
        ring.putLong(entry, buffers.address() + offset(id));
        ring.putInt(entry + LENGTH, bufferBytes);
        ring.putShort(entry + ID, (short) id);
        tail++;
        // Release: partner of the kernel's acquire of tail; the entry is written before it.
        SHORT.setRelease(ring, K_TAIL, (short) tail);
    }

    /** Once the ring has been closed. */
    @Override
    public void close() {
        entries.close();
        buffers.close();
    }
}
