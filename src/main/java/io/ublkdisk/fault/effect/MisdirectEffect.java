package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.RouteEffect;

/**
 * The right data in the wrong place: a write lands, or a read comes from, so many sectors further on ({@code misdirect by 8},
 * {@code misdirect by -8}). The intended place keeps its old bytes. What would land outside of the disk is lost, and read from
 * there is zeroes.
 */
public record MisdirectEffect(long bySectors) implements RouteEffect {
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
        return "misdirect";
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
