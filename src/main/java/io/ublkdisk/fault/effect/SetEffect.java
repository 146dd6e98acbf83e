package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Syntax;
import java.nio.ByteBuffer;
import java.util.List;

/** Bytes replaced by a fixed one: {@code set 0xff 4 bytes at 100}; without a span, the whole sector. */
public record SetEffect(int value, Span span) implements DamageEffect {
    /** How it is written in the fault language. */
    public static final Syntax<SetEffect> SYNTAX = new Syntax<>(
            "set",
            "HEX [ span ]",
            "on write sectors 64 set 0xff 4 bytes at 100",
            List.of(),
            values -> new SetEffect(values.hexByte(), Span.read(values)));

    /** Replaces each byte of a sector by that value, 0 to 255. */
    public static SetEffect set(int value) {
        return new SetEffect(value, Span.WHOLE);
    }

    public SetEffect {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("set " + value + ": a byte is 0x00 to 0xff");
        }
    }

    @Override
    public String word() {
        return SYNTAX.word();
    }

    @Override
    public String text() {
        return String.format("set 0x%02x", value) + span;
    }

    @Override
    public boolean damage(ByteBuffer data, int offsetBytes, long key) {
        return span.fill(data, offsetBytes, key, (byte) value);
    }

    @Override
    public String toString() {
        return text();
    }
}
