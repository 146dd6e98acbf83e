package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.Text;
import io.ublkdisk.fault.ValueReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A cap on bandwidth or on the rate of requests: {@code throttle 300 requests per 1s burst 3000 requests}, as a cloud
 * volume that has used up its credit. What the burst does not cover waits for its turn. All requests that the rule hits
 * share one cap, and credit comes back while they are few. It has fired only for requests that had to wait.
 *
 * @param rate how much in {@code periodNanos}
 * @param burst credit at the start, and the most there can be; empty for none
 */
public record ThrottleEffect(Amount rate, long periodNanos, Optional<Amount> burst) implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<ThrottleEffect> SYNTAX = new Syntax<>(
            "throttle",
            "AMOUNT \"per\" TIME [ \"burst\" AMOUNT ]",
            "on any throttle 300 requests per 1s burst 3000 requests",
            List.of("slow", "limit"),
            ThrottleEffect::read);

    /** Lets at most that much pass in that time. */
    public static ThrottleEffect throttle(Amount rate, Duration per) {
        return new ThrottleEffect(rate, per.toNanos(), Optional.empty());
    }

    private static ThrottleEffect read(ValueReader values) {
        Amount rate = values.amount("request", "requests");
        values.word("per");
        long period = values.time("a time");
        Optional<Amount> burst =
                values.takes("burst") ? Optional.of(values.amount("request", "requests")) : Optional.empty();
        return new ThrottleEffect(rate, period, burst);
    }

    public ThrottleEffect {
        if (rate.unit() == Amount.Unit.NANOS || burst.isPresent() && burst.get().unit() != rate.unit()) {
            throw new IllegalArgumentException("throttle counts requests or bytes, and its burst the same");
        }
        if (periodNanos < 1) {
            throw new IllegalArgumentException("per " + periodNanos + "ns is no time; write 1ns or more");
        }
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "throttle " + rate + " per " + Text.time(periodNanos)
                + burst.map(b -> " burst " + b).orElse("");
    }

    @Override
    public boolean delays() {
        return true;
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        long amount = rate.unit() == Amount.Unit.BYTES ? request.lengthBytes() : 1;
        long waitNanos = tally.takeTurn(
                nanosFor(amount), burst.map(b -> nanosFor(b.value())).orElse(0L));
        decision.delay(waitNanos);
        return waitNanos > 0;
    }

    private long nanosFor(long amount) {
        return (long) ((double) amount / rate.value() * periodNanos);
    }

    @Override
    public String toString() {
        return text();
    }
}
