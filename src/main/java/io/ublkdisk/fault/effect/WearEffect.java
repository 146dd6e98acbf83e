package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LatchingEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/**
 * The medium takes so much and no more: {@code wear 10GiB}, {@code wear 1000 writes}. The first request that would be beyond it
 * fails with TARGET, and from then on everything that changes the disk; reads go on. The rule fires from that first one on.
 */
public record WearEffect(Amount limit) implements LatchingEffect {
    /** How it is written in the fault language. */
    public static final Syntax<WearEffect> SYNTAX = new Syntax<>(
            "wear",
            "( SIZE | NUMBER \"writes\" )",
            "on write wear 10GiB",
            List.of("limit"),
            values -> new WearEffect(values.amount("write", "writes")));

    /** Lets that much be written, and no more. */
    public static WearEffect wear(Amount limit) {
        return new WearEffect(limit);
    }

    public WearEffect {
        if (limit.unit() == Amount.Unit.NANOS) {
            throw new IllegalArgumentException(
                    "wear is counted in bytes or writes; for a time, say after " + limit + " read-only");
        }
    }

    @Override
    public String word() {
        return SYNTAX.word();
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
