package io.ublkdisk.control;

import io.ublkdisk.block.SizeText;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as people write it: {@code 512}, {@code 64K}, {@code 1.5GiB}, {@code 1g}. Powers of 1024 only. */
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([+-]?[0-9]{1,40}(?:\\.[0-9]{1,40})?)\\s*([A-Za-z]*)");
    private static final String UNITS = "KMGT";

    private ByteSize() {}

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException if it is no size, with the form that is
     */
    public static long parse(String text) {
        return parse(text, "size");
    }

    /**
     * Reads the value of a setting.
     *
     * @param setting what messages call it, for instance {@code cacheSize}
     * @throws IllegalArgumentException if it is no size, with the form that is
     */
    public static long parse(String text, String setting) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    setting + " '" + text + "' is no number of bytes; write it as 256MiB or 1.5G");
        }
        String unit = form.group(2).toUpperCase(Locale.ROOT).replace("IB", "iB");
        long unitBytes = SizeText.unitBytes(unit)
                .orElseThrow(() -> new IllegalArgumentException(setting + " '" + text + "' has the unknown unit '"
                        + form.group(2) + "'; known are KiB, MiB, GiB, TiB and K, M, G, T"));
        try {
            return SizeText.bytes(form.group(1), unitBytes, Long.MAX_VALUE);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + " '" + text + "' " + e.getMessage(), e);
        }
    }

    /** Returns the shortest form that {@link #parse} reads back to the same number. */
    public static String print(long bytes) {
        int unit = 0;
        while (unit < UNITS.length() && bytes != 0 && bytes % 1024 == 0) {
            bytes /= 1024;
            unit++;
        }
        return bytes + (unit == 0 ? "" : UNITS.charAt(unit - 1) + "iB");
    }
}
