package io.ublkdisk.block;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalLong;

/** The one reader of sizes: {@code 512}, {@code 64K}, {@code 1.5GiB}. Units are powers of 1024. */
public final class SizeText {
    private static final List<String> LETTERS = List.of("K", "M", "G", "T", "P", "E");

    private SizeText() {}

    /** Returns how many bytes a unit has: none, B, K or KiB, M or MiB, … E or EiB, written just so; empty for another word. */
    public static OptionalLong unitBytes(String unit) {
        if (unit.isEmpty() || unit.equals("B")) {
            return OptionalLong.of(1);
        }
        int power = LETTERS.indexOf(unit.substring(0, 1)) + 1;
        return power > 0 && (unit.length() == 1 || unit.substring(1).equals("iB"))
                ? OptionalLong.of(1L << 10 * power)
                : OptionalLong.empty();
    }

    /**
     * Returns a decimal number of units as bytes.
     *
     * @throws IllegalArgumentException if that is no whole number of bytes, or more than can be; the message goes behind the value
     */
    public static long bytes(String number, long unitBytes, long largest) {
        BigDecimal value = new BigDecimal(number).multiply(BigDecimal.valueOf(unitBytes));
        if (value.stripTrailingZeros().scale() > 0) {
            throw new IllegalArgumentException("is finer than a byte; round it");
        }
        if (value.abs().compareTo(BigDecimal.valueOf(largest)) > 0) {
            throw new IllegalArgumentException("is too large; the largest is 2^63 - " + (Long.MAX_VALUE - largest + 1));
        }
        return value.longValueExact();
    }
}
