package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Syntax;
import io.ublkdisk.fault.ValueReader;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Flips bits silently: {@code flip 1 bit} turns one bit of each sector that the rule hits. Which one is keyed by seed,
 * rule and sector, so a reread answers the same wrong bytes (bit rot); {@code flip 1 bit transient} picks others each time
 * (a cosmic ray, a bad cable). On a read the media keeps the right bytes; on a write the wrong ones arrive there.
 */
public record FlipEffect(int bits, boolean differsEachTime) implements DamageEffect {
    /** How it is written in the fault language. */
    public static final Syntax<FlipEffect> SYNTAX = new Syntax<>(
            "flip",
            "NUMBER \"bits\" [ \"transient\" ]",
            "on read sectors 4096 flip 1 bit",
            List.of("corrupt", "damage", "rot", "bitflip"),
            FlipEffect::read);

    /** Flips that many bits of each sector, silently. */
    public static FlipEffect flip(int bits) {
        return new FlipEffect(bits);
    }

    private static FlipEffect read(ValueReader values) {
        int bits = values.smallNumber("a number of bits");
        values.word("bit", "bits");
        return new FlipEffect(bits, values.takes("transient"));
    }

    private static final int SECTOR_BITS = Sectors.BYTES * 8;

    public FlipEffect {
        if (bits < 1 || bits > SECTOR_BITS) {
            throw new IllegalArgumentException(
                    "flip " + bits + " bits: a sector has " + SECTOR_BITS + ", so write 1 to " + SECTOR_BITS);
        }
    }

    public FlipEffect(int bits) {
        this(bits, false);
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "flip " + bits + (bits == 1 ? " bit" : " bits") + (differsEachTime ? " transient" : "");
    }

    /** Exactly {@code bits} different ones: each bit in turn is taken with the odds that are left (selection sampling). */
    @Override
    public boolean damage(ByteBuffer data, int offsetBytes, long key) {
        if (bits == 1) {
            flip(data, offsetBytes, Seed.below(key, SECTOR_BITS));
            return true;
        }
        int left = bits;
        for (int bit = 0; left > 0; bit++) {
            if (Seed.below(Seed.combine(key, bit), SECTOR_BITS - bit) < left) {
                flip(data, offsetBytes, bit);
                left--;
            }
        }
        return true;
    }

    private static void flip(ByteBuffer data, int offsetBytes, int bit) {
        int at = offsetBytes + (bit >> 3);
        data.put(at, (byte) (data.get(at) ^ (1 << (bit & 7))));
    }

    @Override
    public String toString() {
        return text();
    }
}
