package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Syntax;
import java.nio.ByteBuffer;
import java.util.List;

/** Bytes that are gone and read as zeroes: {@code zero}, {@code zero 16 bytes at 0}. */
public record ZeroEffect(Span span) implements DamageEffect {
    /** How it is written in the fault language. */
    public static final Syntax<ZeroEffect> SYNTAX = new Syntax<>(
            "zero",
            "[ span ]",
            "on read sectors 64 zero",
            List.of("corrupt", "damage"),
            values -> new ZeroEffect(Span.read(values)));

    /** Replaces the bytes of each sector by zeroes. */
    public static ZeroEffect zero() {
        return new ZeroEffect(Span.WHOLE);
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return "zero" + span;
    }

    @Override
    public boolean damage(ByteBuffer data, int offsetBytes, long key) {
        return span.fill(data, offsetBytes, key, (byte) 0);
    }

    @Override
    public String toString() {
        return text();
    }
}
