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

/**
 * The drive becomes slower with each request, up to a limit, and reports no error: {@code slow-down to 50ms over 1000 requests}.
 * The first request that the rule hits waits a thousandth of 50 ms, the thousandth and all later ones wait 50 ms. With {@code
 * over 10GiB} the bytes of the requests count in place of their number. No thread sleeps: other requests go on.
 *
 * <p>Drives that slow down and never fail are described by Gunawi and others, "Fail-Slow at Scale: Evidence of Hardware
 * Performance Faults in Large Production Systems", FAST 2018.
 *
 * @param nanos the longest wait, from 1 ns to a day
 * @param over after how many requests or bytes it is reached
 */
public record SlowDownEffect(long nanos, Amount over) implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<SlowDownEffect> SYNTAX = new Syntax<>(
            "slow-down",
            "\"to\" TIME \"over\" AMOUNT",
            "on any slow-down to 50ms over 1000 requests",
            List.of("degrade", "fade", "limp", "fail-slow"),
            SlowDownEffect::read);

    public SlowDownEffect {
        if (nanos < 1 || nanos > Latency.LONGEST_NANOS) {
            throw new IllegalArgumentException(
                    "slow-down to " + nanos + "ns is out of range; write a time from 1ns to 86400s, a day");
        }
        if (over.unit() == Amount.Unit.NANOS || over.value() < 1) {
            throw new IllegalArgumentException("slow-down over " + over
                    + " does not count requests; write an amount such as 1000 requests or 10MiB");
        }
    }

    /** Makes requests wait, longer from one to the next, up to that time, which is reached after that many requests or bytes. */
    public static SlowDownEffect slowDown(Duration to, Amount over) {
        return new SlowDownEffect(to.toNanos(), over);
    }

    private static SlowDownEffect read(ValueReader values) {
        values.word("to");
        long nanos = values.time("a time");
        values.word("over");
        return new SlowDownEffect(nanos, values.amount("request", "requests"));
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "slow-down to " + Text.time(nanos) + " over " + over;
    }

    @Override
    public boolean delays() {
        return true;
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters counters) {
        long amount = over.unit() == Amount.Unit.BYTES ? request.lengthBytes() : 1;
        double share = Math.min(1, (double) (counters.count(amount) + amount) / over.value());
        long wait = (long) (nanos * share);
        decision.delay(wait);
        return wait > 0;
    }

    @Override
    public String toString() {
        return text();
    }
}
