package io.ublkdisk.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The two rings on plain memory, with the test in the kernel's place; indexes pass the largest int on the way. */
class RingWrapAroundTest {
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int OVERFLOW = 8;
    private static final int ENTRIES = 64;
    private static final int MASK = 3;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());

    @Test
    void submissionsWrapAroundTheArrayAndTheNumbers() {
        int start = Integer.MAX_VALUE - 2;
        memory.putInt(HEAD, start).putInt(TAIL, start);
        SubmissionQueue queue = new SubmissionQueue(memory, HEAD, TAIL, ENTRIES, MASK, memory);
        int taken = start;
        for (int round = 0; round < 10; round++) {
            queue.queue(100 + round);
            queue.queue(200 + round);
            queue.queue(300 + round);
            assertThat(memory.getInt(TAIL))
                    .as("not shown before it is published")
                    .isEqualTo(taken);
            assertThat(queue.publish()).isEqualTo(3);
            assertThat(memory.getInt(TAIL)).isEqualTo(taken + 3);
            for (int base : new int[] {100, 200, 300}) {
                assertThat(memory.getInt(ENTRIES + (taken & MASK) * 4)).isEqualTo(base + round);
                taken++;
            }
            memory.putInt(HEAD, taken);
            assertThat(queue.publish()).isZero();
        }
        assertThat(taken).as("the numbers have wrapped").isNegative();
    }

    @Test
    void fullSubmissionQueueSaysSoAndLosesNothing() {
        SubmissionQueue queue = new SubmissionQueue(memory, HEAD, TAIL, ENTRIES, MASK, memory);
        for (int slot = 0; slot < 4; slot++) {
            queue.queue(slot);
        }
        assertThatThrownBy(() -> queue.queue(4))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("full");
        assertThat(queue.publish()).isEqualTo(4);
        assertThat(memory.getInt(ENTRIES)).isZero();
        memory.putInt(HEAD, 1);
        queue.queue(4);
        assertThat(queue.publish()).isEqualTo(4);
    }

    @Test
    void completionsWrapAroundTheArrayAndTheNumbers() {
        int start = Integer.MAX_VALUE - 1;
        memory.putInt(HEAD, start).putInt(TAIL, start);
        CompletionQueue queue = new CompletionQueue(memory, HEAD, TAIL, OVERFLOW, MASK, ENTRIES);
        List<String> seen = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        int tail = start;
        for (int i = 0; i < 30; i++) {
            assertThat(queue.isEmpty()).isTrue();
            int batch = 1 + i % 4;
            for (int k = 0; k < batch; k++) {
                int cqe = ENTRIES + (tail & MASK) * 16;
                memory.putLong(cqe, 1000L * i + k).putInt(cqe + 8, -i);
                sent.add(1000L * i + k + ":" + -i);
                tail++;
            }
            assertThat(queue.isEmpty()).as("not seen before the tail moves").isTrue();
            memory.putInt(TAIL, tail);
            assertThat(queue.drain((userData, result, flags) -> seen.add(userData + ":" + result)))
                    .isEqualTo(batch);
            assertThat(memory.getInt(HEAD)).isEqualTo(tail);
        }
        assertThat(seen).isEqualTo(sent);
        assertThat(tail).as("the numbers have wrapped").isNegative();
    }
}
