package io.ublkdisk.media;

import io.ublkdisk.block.Seed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/** What is done to bytes at rest. Which bits and which noise depends on a key and the place alone. */
public enum CorruptionPattern {
    /** One bit is turned round in each sector that the range touches, within the range. */
    FLIP {
        @Override
        public void inflict(ByteBuffer data, int from, int to, long key) {
            int bit = Seed.below(key, (to - from) * Byte.SIZE);
            int at = from + (bit >> 3);
            data.put(at, (byte) (data.get(at) ^ 1 << (bit & 7)));
        }
    },
    /** The bytes are zeroes. */
    ZERO {
        @Override
        public void inflict(ByteBuffer data, int from, int to, long key) {
            for (int at = from; at < to; at++) {
                data.put(at, (byte) 0);
            }
        }
    },
    /** The bytes are noise, and none of them what it was. */
    GARBAGE {
        @Override
        public void inflict(ByteBuffer data, int from, int to, long key) {
            for (int at = from; at < to; at++) {
                data.put(at, (byte) (data.get(at) + 1 + Seed.below(Seed.combine(key, at - from), 255)));
            }
        }
    };

    /** Returns the word for it on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the pattern of that word. @throws IllegalArgumentException if there is none, with the words that there are */
    public static CorruptionPattern named(String word) {
        return Arrays.stream(values())
                .filter(pattern -> pattern.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "bytes cannot be damaged with '" + word + "'; write flip, zero or garbage"));
    }

    /** Damages {@code [from, to)}, which lies in one sector. */
    public abstract void inflict(ByteBuffer data, int from, int to, long key);
}
