package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.Tally;
import io.ublkdisk.fault.Text;

/**
 * The request waits before it goes on: {@code delay 5ms}, or a time drawn from a {@link Latency}. Delays of several rules add
 * up, and nobody sleeps: other requests are not held up. With {@code budget 10s} the rule stops delaying when it has given
 * out that much in all, so that a test cannot drown in it.
 *
 * @param budgetNanos {@link #NO_BUDGET} for none
 */
public record DelayEffect(Latency latency, long budgetNanos) implements LinkEffect {
    public static final long NO_BUDGET = Long.MAX_VALUE;

    public DelayEffect {
        if (budgetNanos < 1) {
            throw new IllegalArgumentException("budget " + budgetNanos + "ns: a budget must be more than nothing");
        }
    }

    /** Always the same time. */
    public DelayEffect(long nanos) {
        this(new Latency.Fixed(nanos), NO_BUDGET);
    }

    @Override
    public String word() {
        return "delay";
    }

    @Override
    public String text() {
        return "delay " + latency.text() + (budgetNanos == NO_BUDGET ? "" : " budget " + Text.time(budgetNanos));
    }

    @Override
    public boolean differsEachTime() {
        return latency.isRandom();
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, Tally tally) {
        long nanos = latency.nanos(key);
        if (budgetNanos != NO_BUDGET) {
            nanos = tally.spend(nanos, budgetNanos);
            if (nanos == 0) {
                return false;
            }
        }
        decision.delay(nanos);
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
