package io.ublkdisk.disk;

import static io.ublkdisk.fault.effect.DelayEffect.delay;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleCounters;
import java.time.Duration;

/** Rules that several tests arm. */
public final class Faults {
    private Faults() {}

    static Rule delayFlush() {
        return Rule.on(Kind.FLUSH).effect(delay(Duration.ofMillis(200)));
    }

    public static Rule holdWrites() {
        return holdWritesAfter(() -> {});
    }

    /** Something happens when the request has arrived and is not parked yet. */
    public static Rule holdWritesAfter(Runnable event) {
        return Rule.on(Kind.WRITE).effect(new Park(event));
    }

    private record Park(Runnable event) implements LinkEffect {
        @Override
        public String word() {
            return "park";
        }

        @Override
        public String text() {
            return word();
        }

        @Override
        public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
            event.run();
            decision.park();
            return true;
        }
    }
}
