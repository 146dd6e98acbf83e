package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TimerHeapTest {

    @Property(tries = 300)
    void earliestFirstAndOfTwoAtTheSameTimeTheOneThatCameFirst(
            @ForAll @Size(max = 60) List<@IntRange(max = 20) Integer> dues) {
        // Around the point where the clock's numbers wrap.
        long origin = Long.MAX_VALUE - 10;
        TimerHeap heap = new TimerHeap(60);
        List<QueueRequest> added = new ArrayList<>();
        for (int due : dues) {
            QueueRequest request = new QueueRequest(null, 0, added.size(), added.size(), ByteBuffer.allocate(0));
            request.dueNanos = origin + due;
            heap.add(request);
            added.add(request);
        }
        List<QueueRequest> expected = new ArrayList<>(added);
        expected.sort(Comparator.comparingLong(request -> request.dueNanos - origin));
        for (QueueRequest request : expected) {
            assertThat(heap.earliestNanos()).isEqualTo(request.dueNanos);
            assertThat(heap.poll()).isSameAs(request);
        }
        assertThat(heap.isEmpty()).isTrue();
        assertThat(heap.poll()).isNull();
    }
}
