package io.ublkdisk.fault;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** How values are written in the fault language: each has one form, which reads back as the same value. */
public final class Text {
    private static final long[] TIME_NANOS = {1_000_000_000L, 1_000_000L, 1_000L, 1L};
    private static final String[] TIME_UNITS = {"s", "ms", "us", "ns"};
    private static final int[] SIZE_SHIFTS = {40, 30, 20, 10};
    private static final String[] SIZE_UNITS = {"TiB", "GiB", "MiB", "KiB"};
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");

    private Text() {}

    /** Returns the time in the largest unit that leaves no fraction: {@code 1500ms}. */
    public static String time(long nanos) {
        int unit = 0;
        while (nanos % TIME_NANOS[unit] != 0) {
            unit++;
        }
        return nanos / TIME_NANOS[unit] + TIME_UNITS[unit];
    }

    /** Returns the size in the largest unit that leaves no fraction: {@code 1536KiB}; bytes have no unit. */
    public static String size(long bytes) {
        for (int unit = 0; unit < SIZE_SHIFTS.length && bytes > 0; unit++) {
            if ((bytes & ((1L << SIZE_SHIFTS[unit]) - 1)) == 0) {
                return (bytes >> SIZE_SHIFTS[unit]) + SIZE_UNITS[unit];
            }
        }
        return Long.toString(bytes);
    }

    /** Decimal, without an exponent. */
    public static String number(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /** Between double quotes; what does not print becomes {@code \}{@code xHH} of its UTF-8 bytes. */
    public static String quoted(byte[] bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (byte b : bytes) {
            int c = b & 0xff;
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c >= ' ' && c < 0x7f) {
                text.append((char) c);
            } else {
                text.append(String.format("\\x%02x", c));
            }
        }
        return text.append('"').toString();
    }

    public static String quoted(String text) {
        return quoted(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns a name of a rule: a letter, then letters, digits, {@code _ . -}, 64 at most.
     *
     * @throws IllegalArgumentException for another
     */
    public static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name " + (name.length() > 70 ? "of " + name.length() + " characters" : quoted(name))
                            + " cannot be used; a name is a letter and then letters, digits, - _ or ., 64 at most");
        }
        return name;
    }
}
