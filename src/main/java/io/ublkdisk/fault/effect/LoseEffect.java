package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.RouteEffect;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/** A lost write (phantom write): it is acknowledged and never arrives; the sectors keep what they had. */
public record LoseEffect() implements RouteEffect {
    /** How it is written in the fault language. */
    public static final Syntax<LoseEffect> SYNTAX =
            Syntax.of("lose", "on write nth 7 lose", List.of("drop", "ignore"), new LoseEffect());

    /** Acknowledges a write that never arrives. */
    public static LoseEffect lose() {
        return new LoseEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "lose";
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation.changesMedia();
    }

    @Override
    public long route(Request request, int index) {
        return LOST;
    }

    @Override
    public String toString() {
        return text();
    }
}
