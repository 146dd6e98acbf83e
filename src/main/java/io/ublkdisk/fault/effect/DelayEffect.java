package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.Text;
import io.ublkdisk.fault.ValueReader;
import java.time.Duration;
import java.util.List;

/**
 * The request waits before it goes on: {@code delay 5ms}, or a time drawn from a {@link Latency}. Delays of several rules add
 * up, and no thread sleeps: other requests are not held up. With {@code budget 10s} the rule stops delaying when it has given
 * out that much in all, so that a test cannot drown in it.
 *
 * <p>With {@code lanes 2} it is a drive that works on two requests at a time. A request waits for a free lane first, and
 * then takes its time.
 *
 * @param lanes {@link #NO_LANES} for any number at a time
 * @param budgetNanos {@link #NO_BUDGET} for none
 */
public record DelayEffect(Latency latency, int lanes, long budgetNanos) implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<DelayEffect> SYNTAX = new Syntax<>(
            "delay",
            "latency [ \"lanes\" NUMBER ] [ \"budget\" TIME ]",
            "on read delay lognormal p50 2ms p99 80ms",
            List.of("slow", "latency", "sleep"),
            DelayEffect::read);

    /** Makes the request wait for that time. */
    public static DelayEffect delay(Duration time) {
        return new DelayEffect(time.toNanos());
    }

    private static DelayEffect read(ValueReader values) {
        Latency latency = Latency.read(values);
        int lanes = values.takes("lanes") ? values.positive("a number of lanes") : NO_LANES;
        long budget = values.takes("budget") ? values.time("a time") : NO_BUDGET;
        return new DelayEffect(latency, lanes, budget);
    }

    public static final long NO_BUDGET = Long.MAX_VALUE;

    /** More than any queue has. */
    private static final int MOST_LANES = 4096;

    public static final int NO_LANES = 0;

    public DelayEffect {
        if (lanes < 0 || lanes > MOST_LANES) {
            throw new IllegalArgumentException("lanes " + lanes + " cannot be; write 1 to " + MOST_LANES);
        }
        if (budgetNanos < 1) {
            throw new IllegalArgumentException("budget " + budgetNanos + "ns: a budget must be more than nothing");
        }
    }

    /** Delays by the same time always. */
    public DelayEffect(long nanos) {
        this(new Latency.Fixed(nanos), NO_LANES, NO_BUDGET);
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "delay " + latency.text() + (lanes == NO_LANES ? "" : " lanes " + lanes)
                + (budgetNanos == NO_BUDGET ? "" : " budget " + Text.time(budgetNanos));
    }

    @Override
    public boolean differsEachTime() {
        return latency.isRandom();
    }

    @Override
    public boolean delays() {
        return true;
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        long nanos = latency.nanos(key);
        if (lanes != NO_LANES) {
            nanos = tally.takeLane(lanes, nanos);
        }
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
