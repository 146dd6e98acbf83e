package io.ublkdisk.ublk;

import io.ublkdisk.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/**
 * The tags of a queue that a thread serves: {@code first}, {@code first + step}, and so on, {@code count} of them. What a
 * thread keeps for each of its tags is at the tag's <b>slot</b>, counted from 0.
 *
 * <p>Usually these are all tags of the queue. Two threads have every second tag each ({@code UBLK_F_PER_IO_DAEMON}). With
 * batch commands both have all tags and share the buffers, and the thread that gets a request serves it.
 *
 * @param leader whether this thread gives the driver the tags
 * @param buffers null if the thread makes its own
 */
record TagShare(int queueId, int first, int step, int count, boolean leader, TagBuffers buffers) {

    /** Returns the shares of all threads of a device: first each queue's first thread, then each queue's second. */
    static List<TagShare> of(DeviceInfo info, int threadsPerQueue) throws ErrnoException {
        int depth = info.queueDepth();
        boolean inCommon = info.has(UblkFeature.BATCH_IO) && threadsPerQueue > 1;
        TagBuffers[] buffers = new TagBuffers[info.queues()];
        List<TagShare> shares = new ArrayList<>();
        for (int thread = 0; thread < threadsPerQueue; thread++) {
            for (int queueId = 0; queueId < info.queues(); queueId++) {
                if (inCommon && thread == 0) {
                    buffers[queueId] = new TagBuffers(depth, info.maxIoBytes());
                }
                int count = (depth - thread + threadsPerQueue - 1) / threadsPerQueue;
                shares.add(
                        inCommon
                                ? new TagShare(queueId, 0, 1, depth, thread == 0, buffers[queueId])
                                : new TagShare(queueId, thread, threadsPerQueue, count, true, null));
            }
        }
        return shares;
    }

    int tag(int slot) {
        return first + slot * step;
    }

    /** Once no thread serves the queue any more. */
    void release() {
        if (leader && buffers != null) {
            buffers.release(false);
        }
    }
}
