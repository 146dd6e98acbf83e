package io.ublkdisk.ring;

import io.ublkdisk.kernel.Cqe;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * What the kernel answers: a ring of CQEs between a head, which we move, and a tail, which the kernel moves. Words shared with
 * the kernel begin with {@code k}. One thread only.
 */
public final class CompletionQueue {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    /** Takes one answer; the flags are {@link Cqe#flags}. */
    @FunctionalInterface
    public interface Handler {
        void completed(long userData, int result, int flags);
    }

    private final ByteBuffer ring;
    private final int kHead;
    private final int kTail;
    private final int kOverflow;
    private final int mask;
    private final LongBuffer cqes;
    private int head;

    CompletionQueue(ByteBuffer ring, int kHead, int kTail, int kOverflow, int mask, int cqesOffset) {
        this.ring = ring;
        this.kHead = kHead;
        this.kTail = kTail;
        this.kOverflow = kOverflow;
        this.mask = mask;
        this.cqes = ring.slice(cqesOffset, (mask + 1) * Cqe.BYTES)
                .order(ring.order())
                .asLongBuffer();
        this.head = ring.getInt(kHead);
    }

    /** Hands every answer that is there to the handler, in the order of arrival, and frees their places. Returns how many. */
    public int drain(Handler handler) {
        // Acquire: partner of the kernel's release of tail; orders the CQEs, and all that the driver wrote before them.
        int tail = (int) WORD.getAcquire(ring, kTail);
        int first = head;
        while (head != tail) {
            int at = (head & mask) * (Cqe.BYTES / Long.BYTES);
            long answer = cqes.get(at + Cqe.ANSWER_WORD);
            head++;
            handler.completed(cqes.get(at + Cqe.USER_DATA_WORD), Cqe.res(answer), Cqe.flags(answer));
        }
        // Release: partner of the kernel's acquire of head; the places are read before they are free.
        WORD.setRelease(ring, kHead, head);
        return tail - first;
    }

    /** Returns whether there is an answer to drain. */
    public boolean isEmpty() {
        return head == (int) WORD.getAcquire(ring, kTail);
    }

    /** Answers that found no place. Never, as the ring has two places for every entry that can be under way. */
    public int overflow() {
        return (int) WORD.getAcquire(ring, kOverflow);
    }
}
