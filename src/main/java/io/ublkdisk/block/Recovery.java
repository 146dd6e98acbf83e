package io.ublkdisk.block;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What becomes of a block device and its requests when its server dies, until another server recovers it: the three ways of
 * the ublk driver, and the default.
 */
public enum Recovery {
    /** The block device goes, and every request fails with EIO. */
    NONE("none"),

    /** The block device stays. What the server had fails with EIO; what comes later waits for the next server. */
    USER_RECOVERY("wait"),

    /**
     * The block device stays, and programs notice only the time that it takes. What the server had goes to the next server,
     * which may then do for a second time what the first had done already.
     */
    REISSUE("reissue"),

    /** The block device stays. What the server had fails with EIO, and what comes later at once. Linux 6.13. */
    FAIL_IO("fail-io");

    private final String word;

    Recovery(String word) {
        this.word = word;
    }

    /** Returns the word for it in texts. */
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException naming the valid ones */
    public static Recovery named(String word) {
        return Arrays.stream(values())
                .filter(recovery -> recovery.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no recovery '" + word + "'; there is "
                        + Arrays.stream(values()).map(Recovery::word).collect(Collectors.joining(", "))));
    }
}
