package io.ublkdisk.fault.effect;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.MediaEffect;
import io.ublkdisk.fault.RuleCounters;
import io.ublkdisk.fault.Syntax;
import java.util.List;

/**
 * A latent sector error: a read of the sector fails with MEDIUM until it is written, for then the drive puts another in its
 * place. It needs no {@code until rewritten}.
 */
public record BadSectorEffect() implements MediaEffect {
    /** How it is written in the fault language. */
    public static final Syntax<BadSectorEffect> SYNTAX =
            Syntax.of("bad-sector", "on read scattered 0.001 runs 8 bad-sector", List.of(), new BadSectorEffect());

    /** Fails reads of the sector until it is written. */
    public static BadSectorEffect badSector() {
        return new BadSectorEffect();
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "bad-sector";
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation == Operation.READ;
    }

    @Override
    public boolean healsWhenRewritten() {
        return true;
    }

    @Override
    public boolean apply(Decision decision, Request request, long key, RuleCounters tally) {
        decision.fail(BlockStatus.MEDIUM, 0);
        return true;
    }

    @Override
    public String toString() {
        return text();
    }
}
