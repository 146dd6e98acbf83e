package io.ublkdisk.journal;

import java.util.OptionalLong;

/** What marks ublkdisk itself sets in its logs, for replays. */
public final class OwnMarks {
    /** The disk as it was when the log was begun is in the log up to here. */
    public static final String START = "ublkdisk-start";
    /** From here on the log makes another disk of it: the power was cut, or the disk was rewound or reset. */
    public static final String EXCHANGED = "ublkdisk-exchanged";
    /** That other disk is in the log up to here. */
    public static final String CONTINUES = "ublkdisk-continues";
    /** The log was ended, and not broken off. */
    public static final String END = "ublkdisk-end";

    private static final String SIZE = "ublkdisk-size=";

    private OwnMarks() {}

    /** Returns how large the disk is, which the format does not say. The first entry of our logs. */
    public static String size(long bytes) {
        return SIZE + bytes;
    }

    /** Returns what {@link #size} said; empty for every other mark. */
    public static OptionalLong sizeBytes(String mark) {
        return mark.matches(SIZE + "[1-9][0-9]{0,17}")
                ? OptionalLong.of(Long.parseLong(mark.substring(SIZE.length())))
                : OptionalLong.empty();
    }
}
