package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/**
 * The request is held until it is released: by a test or command, by the rule's name or with all others, at the end of the
 * test, or because the device stops. Meanwhile its sender waits, as before a drive that has stalled, and the test can look.
 */
public record HoldEffect() implements LinkEffect {
    /** How it is written in the fault language. */
    public static final Syntax<HoldEffect> SYNTAX =
            Syntax.of("hold", "on flush nth 3 hold", List.of("hang", "stall", "block", "pause"), new HoldEffect());

    /** Holds the request until the rule is released. */
    public static HoldEffect hold() {
        return new HoldEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "hold";
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        decision.park();
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
