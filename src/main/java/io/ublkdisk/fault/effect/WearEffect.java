package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LatchingEffect;
import io.ublkdisk.fault.RuleCounters;

/**
 * The medium takes so much and no more: {@code wear 10GiB}, {@code wear 1000 writes}. The first request that would be beyond it
 * fails with TARGET, and from then on everything that changes the disk; reads go on. The rule fires from that first one on.
 */
public record WearEffect(Amount limit) implements LatchingEffect {

    public WearEffect {
        if (limit.unit() == Amount.Unit.NANOS) {
            throw new IllegalArgumentException(
                    "wear is counted in bytes or writes; for a time, say after " + limit + " read-only");
        }
    }

    @Override
    public String word() {
        return "wear";
    }

    @Override
    public String text() {
        return "wear " + (limit.unit() == Amount.Unit.REQUESTS ? limit.value() + " writes" : limit);
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation.changesMedia();
    }

    @Override
    public boolean affects(Operation operation) {
        return operation.changesMedia();
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        long amount = limit.unit() == Amount.Unit.BYTES ? request.lengthBytes() : 1;
        if (!tally.latched() && tally.count(amount) + amount <= limit.value()) {
            return false;
        }
        decision.fail(BlockStatus.TARGET, 0);
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
