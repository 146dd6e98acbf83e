package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.ublk.DeviceInfo.KernelState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TagShareTest {

    @Test
    void everyTagOfEveryQueueIsServedByExactlyOneThread() throws Exception {
        for (int depth : new int[] {1, 2, 5, 16, 128}) {
            for (int threads = 1; threads <= Math.min(depth, 7); threads++) {
                List<Integer> served = new ArrayList<>();
                for (TagShare share : TagShare.of(info(2, depth, 0), threads)) {
                    for (int slot = 0; slot < share.count(); slot++) {
                        served.add(share.queueId() * depth + share.tag(slot));
                    }
                }
                Set<Integer> different = new HashSet<>(served);
                assertThat(served).as("%d tags, %d threads", depth, threads).hasSize(2 * depth);
                assertThat(different).hasSize(2 * depth).allMatch(tag -> tag < 2 * depth);
            }
        }
    }

    /** Queue by queue, so that the first threads of all queues can be started before the others. */
    @Test
    void firstThreadsOfAllQueuesComeFirst() throws Exception {
        assertThat(TagShare.of(info(3, 8, 0), 2)).extracting(TagShare::queueId).containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void inABatchEachThreadHasAllTagsAndTheBuffersAreOneQueues() throws Exception {
        List<TagShare> shares = TagShare.of(info(2, 8, UblkFeature.BATCH_IO.bit()), 2);
        assertThat(shares).allMatch(share -> share.count() == 8 && share.tag(5) == 5);
        assertThat(shares).extracting(TagShare::leader).containsExactly(true, true, false, false);
        assertThat(shares.get(0).buffers())
                .isSameAs(shares.get(2).buffers())
                .isNotSameAs(shares.get(1).buffers());
        shares.forEach(TagShare::release);
        assertThat(TagShare.of(info(1, 8, UblkFeature.BATCH_IO.bit()), 1).get(0).buffers())
                .as("a thread alone makes its own")
                .isNull();
    }

    private static DeviceInfo info(int queues, int depth, long flags) {
        return new DeviceInfo(0, queues, depth, KernelState.DEAD, 4096, -1, 24, 0, 0, 0, flags);
    }
}
