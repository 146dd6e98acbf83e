package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LatchingEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/**
 * From the request that it hits on, everything that changes the disk fails with TARGET, as a drive that protects its data
 * answers. Reads go on: the end of an SSD's life. The kernel is not told; to it the disk is writable and fails.
 */
public record ReadOnlyEffect() implements LatchingEffect {
    /** How it is written in the fault language. */
    public static final Syntax<ReadOnlyEffect> SYNTAX =
            Syntax.of("read-only", "on write after 10MiB read-only", List.of("readonly"), new ReadOnlyEffect());

    /** Fails everything that changes the disk, from now on. */
    public static ReadOnlyEffect readOnly() {
        return new ReadOnlyEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "read-only";
    }

    @Override
    public boolean affects(Operation operation) {
        return operation.changesMedia();
    }

    /** Fails writes. A read can be the sign to begin, but is answered. */
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
