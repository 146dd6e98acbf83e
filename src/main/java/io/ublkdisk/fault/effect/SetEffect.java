package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.DamageEffect;
import java.nio.ByteBuffer;

/** Bytes replaced by a fixed one: {@code set 0xff 4 bytes at 100}; without a span, the whole sector. */
public record SetEffect(int value, Span span) implements DamageEffect {

    public SetEffect {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("set " + value + ": a byte is 0x00 to 0xff");
        }
    }

    @Override
    public String word() {
        return "set";
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
