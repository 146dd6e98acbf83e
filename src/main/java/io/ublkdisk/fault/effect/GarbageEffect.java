package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Syntax;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes replaced by noise, keyed by seed, rule and sector: {@code garbage}, {@code garbage 8 bytes}. Each byte is another one
 * than before. A reread answers the same noise; {@code garbage transient} is other noise each time.
 */
public record GarbageEffect(Span span, boolean differsEachTime) implements DamageEffect {
    /** How it is written in the fault language. */
    public static final Syntax<GarbageEffect> SYNTAX = new Syntax<>(
            "garbage",
            "[ span ] [ \"transient\" ]",
            "on read sectors 64 garbage",
            List.of("corrupt", "damage", "noise", "random"),
            values -> new GarbageEffect(Span.read(values), values.takes("transient")));

    /** Replaces the bytes of each sector by noise. */
    public static GarbageEffect garbage() {
        return new GarbageEffect(Span.WHOLE, false);
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "garbage" + span + (differsEachTime ? " transient" : "");
    }

    @Override
    public boolean damage(ByteBuffer data, int offsetBytes, long key) {
        int start = offsetBytes + span.start(key);
        for (int i = 0; i < span.bytes(); i++) {
            byte noise = (byte) (Seed.combine(key, 1 + (i >> 3)) >>> 8 * (i & 7));
            byte right = data.get(start + i);
            data.put(start + i, noise != right ? noise : anotherThan(right, Seed.combine(~key, i)));
        }
        return true;
    }

    /** Returns one of the 255 other values, each as likely. */
    private static byte anotherThan(byte right, long key) {
        return (byte) (right + 1 + Seed.below(key, 255));
    }

    @Override
    public String toString() {
        return text();
    }
}
