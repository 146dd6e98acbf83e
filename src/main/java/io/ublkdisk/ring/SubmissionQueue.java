package io.ublkdisk.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * What we ask of the kernel. The entries (SQEs) stand in a table of their own and are filled by the owner of the slot; the
 * ring proper is an array of slot numbers between a head, which the kernel moves, and a tail, which we move:
 *
 * <pre>
 *   array  │ 7 │ 2 │ 5 │   │        sqes │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ 6 │ 7 │
 *            ▲ head      ▲ tail
 * </pre>
 *
 * So an entry that is asked again and again keeps its slot, and asking costs one word. Words shared with the kernel begin
 * with {@code k}. One thread only.
 */
public final class SubmissionQueue {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer ring;
    private final int kHead;
    private final int kTail;
    private final IntBuffer array;
    private final int mask;
    private final ByteBuffer sqes;
    private int tail;
    /** The head as it was when we last looked; the kernel may have moved it on. */
    private int seenHead;

    SubmissionQueue(ByteBuffer ring, int kHead, int kTail, int kArray, int mask, ByteBuffer sqes) {
        this.ring = ring;
        this.kHead = kHead;
        this.kTail = kTail;
        this.array = ring.slice(kArray, (mask + 1) * Integer.BYTES)
                .order(ring.order())
                .asIntBuffer();
        this.mask = mask;
        this.sqes = sqes;
        this.tail = ring.getInt(kTail);
        this.seenHead = ring.getInt(kHead);
    }

    /** Returns the table of entries. A slot may be rewritten once {@link IoUring#enter} has returned after it was queued. */
    public ByteBuffer sqes() {
        return sqes;
    }

    /**
     * Submit the entry in that slot with the next {@link IoUring#enter}.
     *
     * @throws IllegalStateException if the ring is full: it has as many places as slots
     */
    public void queue(int slot) {
        if (tail - seenHead > mask && tail - head() > mask) {
            throw new IllegalStateException("submission queue full: " + (mask + 1) + " entries are queued");
        }
        array.put(tail & mask, slot);
        tail++;
    }

    /** Returns whether the kernel has taken all that was queued and published. */
    public boolean isEmpty() {
        return tail == head();
    }

    /** Shows the kernel what has been queued; the number of entries that it has not taken yet. */
    int publish() {
        // Release: partner of the kernel's acquire of tail; array entries and SQEs are written before it.
        WORD.setRelease(ring, kTail, tail);
        return tail - head();
    }

    /** Acquire: partner of the kernel's release of head once it has read the array entry. */
    private int head() {
        seenHead = (int) WORD.getAcquire(ring, kHead);
        return seenHead;
    }
}
