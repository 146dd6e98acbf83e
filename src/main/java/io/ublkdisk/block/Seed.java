package io.ublkdisk.block;

/**
 * Randomness that is keyed and not drawn. A number is a fixed function of what it is for (root seed, rule name, sector, how
 * often that sector was asked), never of the numbers before it. So threads that race on other sectors change nothing, and a
 * fresh process answers the same. No clock, no {@code hashCode}, no shared generator comes in.
 */
public final class Seed {
    // Fractional bits of the golden ratio and of the square roots of 2 and 3, made odd so that multiplying loses
    // nothing.
    private static final long PHI = 0x9E3779B97F4A7C15L;
    private static final long ROOT_2 = 0x6A09E667F3BCC909L;
    private static final long ROOT_3 = 0xBB67AE8584CAA73BL;

    private Seed() {}

    /** Returns a one-to-one function in which every bit of the argument moves about half the bits of the result. */
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 32)) * ROOT_2;
        z = (z ^ (z >>> 29)) * ROOT_3;
        z = (z ^ (z >>> 32)) * PHI;
        return z ^ (z >>> 29);
    }

    /** Returns the key for {@code value} under {@code key}; the order of the two matters. */
    public static long combine(long key, long value) {
        return mix(key + PHI + mix(value));
    }

    /** Returns the key for a text under {@code key}. */
    public static long combine(long key, CharSequence text) {
        long mixed = combine(key, text.length());
        for (int i = 0; i < text.length(); i++) {
            mixed = combine(mixed, text.charAt(i));
        }
        return mixed;
    }

    /** Returns a number in [0, 1) from a key. */
    public static double unit(long key) {
        return (key >>> 11) * 0x1p-53;
    }

    /** Returns a number in [0, bound) from a key. */
    public static int below(long key, int bound) {
        return (int) (((key >>> 32) * bound) >>> 32);
    }
}
