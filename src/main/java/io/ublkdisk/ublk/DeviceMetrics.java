package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import java.util.Map;

/**
 * What a device has done since it was created, over all its queues; a copy, taken at one moment.
 *
 * @param operations one entry for every operation, also for operations that never came
 * @param errors how often each status other than OK was answered; statuses that never were are missing
 * @param inFlight requests that the kernel is waiting for
 * @param backendFailures how often the backend threw
 */
public record DeviceMetrics(
        Map<Operation, PerOperation> operations, Map<BlockStatus, Long> errors, long inFlight, long backendFailures) {

    /**
     * @param count requests that arrived and have ended, well or not
     * @param bytes of requests that ended well
     * @param latency from the arrival at the queue to the answer's going back to the kernel
     */
    public record PerOperation(long count, long bytes, LatencyHistogram latency) {}

    public PerOperation operation(Operation operation) {
        return operations.get(operation);
    }

    public long count() {
        return operations.values().stream().mapToLong(PerOperation::count).sum();
    }

    public long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}
