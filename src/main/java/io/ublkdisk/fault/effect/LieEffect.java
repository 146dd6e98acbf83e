package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.CacheEffect;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Lifetime;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Scope;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.Text;
import io.ublkdisk.fault.ValueReader;
import java.util.List;
import java.util.Optional;

/**
 * The drive says that it has made data durable, and has not: {@code on flush,fua lie}. What it lied about stays in the volatile
 * cache until a later honest flush, and a power cut loses it. {@code lie about sectors 0..4095} is honest about the rest of
 * the disk; {@code lie durable after 5s} makes durable after that time what it promised now.
 *
 * @param about empty for everything
 * @param durableAfterNanos {@link #NOT_BY_ITSELF} for a lie that only another flush mends
 */
public record LieEffect(Optional<Ranges> about, long durableAfterNanos) implements CacheEffect {
    /** How it is written in the fault language. */
    public static final Syntax<LieEffect> SYNTAX = new Syntax<>(
            "lie",
            "[ \"about\" \"sectors\" RANGES ] [ \"durable\" \"after\" TIME ]",
            "on flush,fua lie",
            List.of("ignore"),
            LieEffect::read);

    /** Says that data is durable, and leaves it in the volatile cache. */
    public static LieEffect lie() {
        return new LieEffect();
    }

    private static LieEffect read(ValueReader values) {
        Optional<Ranges> about = Optional.empty();
        if (values.takes("about")) {
            values.word("sectors");
            about = Optional.of(values.numbers("sectors, for instance 8..15"));
        }
        long after = NOT_BY_ITSELF;
        if (values.takes("durable")) {
            values.word("after");
            after = values.time("a time");
        }
        return new LieEffect(about, after);
    }

    public LieEffect {
        if (durableAfterNanos < 1) {
            throw new IllegalArgumentException(
                    "durable after " + durableAfterNanos + "ns would be no lie; write 1ns or more");
        }
    }

    public LieEffect() {
        this(Optional.empty(), NOT_BY_ITSELF);
    }

    @Override
    public boolean isAbout(long sector, long sectorCount) {
        return about.isEmpty() || about.get().firstWithin(sector, sector + sectorCount - 1) >= 0;
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "lie" + about.map(a -> " about sectors " + a).orElse("")
                + (durableAfterNanos == NOT_BY_ITSELF ? "" : " durable after " + Text.time(durableAfterNanos));
    }

    @Override
    public boolean actsOn(Operation operation) {
        return operation == Operation.FLUSH || operation == Operation.WRITE;
    }

    @Override
    public boolean actsOn(Request request) {
        return request.operation() == Operation.FLUSH || request.fua();
    }

    @Override
    public void checkFor(Scope scope, Lifetime lifetime) {
        if (scope.kinds().contains(Kind.WRITE)) {
            throw new IllegalArgumentException(
                    "a plain write promises nothing, so it cannot lie; say on flush, on fua, or on flush,fua");
        }
    }

    @Override
    public String toString() {
        return text();
    }
}
