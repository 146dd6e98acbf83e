package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.RouteEffect;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.ValueReader;
import java.util.List;

/**
 * The right data in the wrong place: a write lands, or a read comes from, so many sectors further on ({@code misdirect by 8},
 * {@code misdirect by -8}). The intended place keeps its old bytes. What would land outside of the disk is lost, and read from
 * there is zeroes.
 */
public record MisdirectEffect(long bySectors) implements RouteEffect {
    /** How it is written in the fault language. */
    public static final Syntax<MisdirectEffect> SYNTAX = new Syntax<>(
            "misdirect", "\"by\" NUMBER", "on write nth 7 misdirect by 8", List.of(), MisdirectEffect::read);

    /** Reads or writes that many sectors further on, or back. */
    public static MisdirectEffect misdirect(long bySectors) {
        return new MisdirectEffect(bySectors);
    }

    private static MisdirectEffect read(ValueReader values) {
        values.word("by");
        return new MisdirectEffect(values.signed("a number of sectors, for instance 8 or -8"));
    }
    /** Farther than any disk is long. */
    private static final long FARTHEST = 1L << 53;

    public MisdirectEffect {
        if (bySectors == 0 || Math.abs(bySectors) > FARTHEST || bySectors == Long.MIN_VALUE) {
            throw new IllegalArgumentException("misdirect by " + bySectors + " is "
                    + (bySectors == 0 ? "the right place; name another distance" : "farther than any disk is long"));
        }
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "misdirect by " + bySectors;
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation.hasData();
    }

    @Override
    public long route(Request request, int index) {
        return Math.max(LOST, request.sector() + index + bySectors);
    }

    @Override
    public String toString() {
        return text();
    }
}
