package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.DamageEffect;
import java.nio.ByteBuffer;

/** Bytes that are gone and read as zeroes: {@code zero}, {@code zero 16 bytes at 0}. */
public record ZeroEffect(Span span) implements DamageEffect {

    @Override
    public String word() {
        return "zero";
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
