package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.ValueReader;
import java.nio.ByteBuffer;

/**
 * Which bytes of a sector are damaged: all of them, so many at a place that the key chooses ({@code 4 bytes}), or so many at a
 * chosen one ({@code 4 bytes at 100}).
 *
 * @param offset of the first in the sector, or {@link #KEYED}
 */
public record Span(int bytes, int offset) {
    /** How the fault language writes it. */
    static final String GRAMMAR = "NUMBER \"bytes\" [ \"at\" NUMBER ]";

    public static final int KEYED = -1;
    public static final Span WHOLE = new Span(Sectors.BYTES, 0);

    public Span {
        if (bytes < 1 || bytes > Sectors.BYTES || offset < KEYED || offset + bytes > Sectors.BYTES) {
            throw new IllegalArgumentException(bytes + " bytes" + (offset == KEYED ? "" : " at " + offset)
                    + " are not within a sector, which has " + Sectors.BYTES);
        }
        if (bytes == Sectors.BYTES) {
            offset = 0;
        }
    }

    /** Reads {@code [ NUMBER bytes [ at NUMBER ] ]}. */
    static Span read(ValueReader values) {
        if (!values.isNumber()) {
            return WHOLE;
        }
        return values.checked(() -> {
            int bytes = values.smallNumber("a number of bytes");
            values.word("bytes", "byte");
            int offset = values.takes("at") ? values.smallNumber("a byte of the sector, 0 to 511") : KEYED;
            return new Span(bytes, offset);
        });
    }

    int start(long key) {
        return offset == KEYED ? Seed.below(Seed.combine(key, 0), Sectors.BYTES - bytes + 1) : offset;
    }

    /**
     * Replaces the bytes of a sector.
     *
     * @return whether one of them was another before
     */
    boolean fill(ByteBuffer data, int offsetBytes, long key, byte value) {
        int start = offsetBytes + start(key);
        boolean changed = false;
        for (int i = 0; i < bytes; i++) {
            changed |= data.get(start + i) != value;
            data.put(start + i, value);
        }
        return changed;
    }

    /** Returns it in the fault language, with a space before it; empty for the whole sector. */
    @Override
    public String toString() {
        return bytes == Sectors.BYTES
                ? ""
                : " " + bytes + (bytes == 1 ? " byte" : " bytes") + (offset == KEYED ? "" : " at " + offset);
    }
}
