package io.ublkdisk.fault.effect;

import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Seed;
import java.nio.ByteBuffer;

/**
 * Bytes replaced by noise, keyed by seed, rule and sector: {@code garbage}, {@code garbage 8 bytes}. A reread answers the same
 * noise; {@code garbage transient} is other noise each time.
 */
public record GarbageEffect(Span span, boolean differsEachTime) implements DamageEffect {

    @Override
    public String word() {
        return "garbage";
    }

    @Override
    public String text() {
        return "garbage" + span + (differsEachTime ? " transient" : "");
    }

    @Override
    public void damage(ByteBuffer data, int offsetBytes, long key) {
        int start = offsetBytes + span.start(key);
        for (int i = 0; i < span.bytes(); i++) {
            data.put(start + i, (byte) (Seed.combine(key, 1 + (i >> 3)) >>> 8 * (i & 7)));
        }
    }

    @Override
    public String toString() {
        return text();
    }
}
