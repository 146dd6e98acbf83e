package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LatchingEffect;
import io.ublkdisk.fault.RuleCounters;

/**
 * From the request that it hits on, everything that changes the disk fails with TARGET (as a drive that protects its data
 * answers), and reads go on: the end of an SSD's life. The kernel is not told; to it the disk is writable and fails.
 */
public record ReadOnlyEffect() implements LatchingEffect {

    @Override
    public String word() {
        return "read-only";
    }

    @Override
    public String text() {
        return "read-only";
    }

    @Override
    public boolean affects(Operation operation) {
        return operation.changesMedia();
    }

    /** A read can be the sign to begin, but is answered. */
    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        if (affects(request.operation())) {
            decision.fail(BlockStatus.TARGET, 0);
        }
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
