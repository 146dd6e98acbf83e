package io.ublkdisk.control;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as people write it: {@code 512}, {@code 64K}, {@code 256MiB}, {@code 1G}. Powers of 1024 only. */
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([+-]?[0-9]+)\\s*([A-Za-z]*)");
    private static final String UNITS = "KMGT";

    private ByteSize() {}

    /** @throws IllegalArgumentException if it is no size, with the form that is */
    public static long parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException("size '" + text + "' is no number of bytes; write it as 256MiB or 1G");
        }
        try {
            return Math.multiplyExact(Long.parseLong(form.group(1)), unitBytes(text, form.group(2)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("size '" + text + "' is more than a disk can have; write it as 1G", e);
        }
    }

    /** The shortest form that {@link #parse} reads back to the same number. */
    public static String print(long bytes) {
        int unit = 0;
        while (unit < UNITS.length() && bytes != 0 && bytes % 1024 == 0) {
            bytes /= 1024;
            unit++;
        }
        return bytes + (unit == 0 ? "" : UNITS.charAt(unit - 1) + "iB");
    }

    private static long unitBytes(String text, String unit) {
        String upper = unit.toUpperCase(Locale.ROOT);
        if (upper.isEmpty() || upper.equals("B")) {
            return 1;
        }
        int power = UNITS.indexOf(upper.charAt(0)) + 1;
        if (power == 0 || !(upper.length() == 1 || upper.substring(1).equals("IB"))) {
            throw new IllegalArgumentException("size '" + text + "' has the unknown unit '" + unit
                    + "'; known are KiB, MiB, GiB, TiB and K, M, G, T");
        }
        return 1L << (10 * power);
    }
}
