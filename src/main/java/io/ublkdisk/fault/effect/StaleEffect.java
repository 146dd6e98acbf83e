package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.MediaEffect;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/**
 * A read answers with what the sector had before it was last written, though that write was acknowledged. A sector that was
 * written at most once answers zeroes.
 */
public record StaleEffect() implements MediaEffect {
    /** How it is written in the fault language. */
    public static final Syntax<StaleEffect> SYNTAX =
            Syntax.of("stale", "on read sectors 64..71 stale", List.of(), new StaleEffect());

    /** Reads what the sector had before it was last written. */
    public static StaleEffect stale() {
        return new StaleEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "stale";
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation == Operation.READ;
    }

    @Override
    public boolean readsEarlierBytes() {
        return true;
    }

    @Override
    public boolean changesBytes() {
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
