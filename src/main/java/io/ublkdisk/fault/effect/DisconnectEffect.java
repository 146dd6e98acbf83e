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
 * The cable comes off: this request and every one after it, whatever the rule's scope, fails with OFFLINE. Releasing the rule,
 * clearing it, or the end of its {@code for} brings the drive back.
 */
public record DisconnectEffect() implements LatchingEffect {
    /** How it is written in the fault language. */
    public static final Syntax<DisconnectEffect> SYNTAX = Syntax.of(
            "disconnect", "on write nth 100 disconnect for 5s", List.of("offline", "unplug"), new DisconnectEffect());

    /** Fails this request and all that follow. */
    public static DisconnectEffect disconnect() {
        return new DisconnectEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "disconnect";
    }

    @Override
    public boolean affects(Operation operation) {
        return true;
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        decision.fail(BlockStatus.OFFLINE, 0);
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
