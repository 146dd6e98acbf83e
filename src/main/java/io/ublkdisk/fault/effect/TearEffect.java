package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.RouteEffect;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.ValueReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/**
 * A torn write: it is acknowledged, and only part of it arrives. {@code tear keep 3 sectors} keeps the first three, {@code tear
 * keep last 3 sectors} the last, {@code tear keep sectors 0,2..3} those by their place in the write. The rest is old, or {@code
 * rest zero}, or {@code rest garbage}. A write of which all would be kept is none that this rule is about: it is not counted.
 *
 * @param kept places in the write, the first is 0; with {@code fromEnd} the last is
 */
public record TearEffect(Ranges kept, boolean fromEnd, Rest rest) implements RouteEffect, DamageEffect {
    /** How it is written in the fault language. */
    public static final Syntax<TearEffect> SYNTAX = new Syntax<>(
            "tear",
            "\"keep\" ( NUMBER \"sectors\" | \"last\" NUMBER \"sectors\" | \"sectors\" RANGES )\n         [ \"rest\" ( \"old\" | \"zero\" | \"garbage\" ) ]",
            "on write size 4KiB.. nth 7 tear keep 3 sectors",
            List.of("torn"),
            TearEffect::read);

    /** Stores that many of the first sectors of a write, and no more. */
    public static TearEffect tearKeep(int sectors) {
        return keepFirst(sectors);
    }

    private static TearEffect read(ValueReader values) {
        values.word("keep");
        boolean last = values.takes("last");
        Ranges kept;
        if (!last && values.takes("sectors")) {
            kept = values.numbers("places in the write, for instance 0,2..3");
        } else {
            int sectors = values.positive(last ? "a number of sectors" : "a number, last or sectors");
            values.word("sectors", "sector");
            kept = Ranges.ofLength(0, sectors);
        }
        Rest rest = Rest.OLD;
        if (values.takes("rest")) {
            rest = Rest.valueOf(values.word("old", "zero", "garbage").toUpperCase(Locale.ROOT));
        }
        return new TearEffect(kept, last, rest);
    }

    private static final DamageEffect ZEROES = new ZeroEffect(Span.WHOLE);
    private static final DamageEffect NOISE = new GarbageEffect(Span.WHOLE, false);

    /** What the sectors that are not kept have afterwards. */
    public enum Rest {
        OLD,
        ZERO,
        GARBAGE
    }

    public TearEffect {
        if (kept.first(0) == 0 && kept.last(0) == Ranges.OPEN) {
            throw new IllegalArgumentException("a write of which all sectors are kept is not torn; keep fewer");
        }
        if (fromEnd && (kept.count() > 1 || kept.first(0) != 0)) {
            throw new IllegalArgumentException("tear keep last takes a number of sectors, and no places");
        }
    }

    /** Keeps the first sectors. */
    public static TearEffect keepFirst(int sectors) {
        return new TearEffect(Ranges.ofLength(0, sectors), false, Rest.OLD);
    }

    /** Keeps the last sectors. */
    public static TearEffect keepLast(int sectors) {
        return new TearEffect(Ranges.ofLength(0, sectors), true, Rest.OLD);
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        boolean prefix = kept.count() == 1 && kept.first(0) == 0;
        return "tear keep "
                + (prefix
                        ? (fromEnd ? "last " : "") + (kept.last(0) + 1) + (kept.last(0) == 0 ? " sector" : " sectors")
                        : "sectors " + kept)
                + (rest == Rest.OLD ? "" : " rest " + (rest == Rest.ZERO ? "zero" : "garbage"));
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation == Operation.WRITE;
    }

    @Override
    public boolean actsOn(Request request) {
        for (int i = 0; i < request.sectorCount(); i++) {
            if (!keeps(request, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean keeps(Request request, int index) {
        return kept.contains(fromEnd ? request.sectorCount() - 1 - index : index);
    }

    @Override
    public long route(Request request, int index) {
        return rest == Rest.OLD && !keeps(request, index) ? LOST : request.sector() + index;
    }

    @Override
    public boolean changesBytes() {
        return true;
    }

    @Override
    public boolean damage(Request request, int index, long key) {
        return rest != Rest.OLD && !keeps(request, index) && damage(request.data(), index * Sectors.BYTES, key);
    }

    @Override
    public boolean damage(ByteBuffer data, int offsetBytes, long key) {
        return (rest == Rest.ZERO ? ZEROES : NOISE).damage(data, offsetBytes, key);
    }

    @Override
    public String toString() {
        return text();
    }
}
