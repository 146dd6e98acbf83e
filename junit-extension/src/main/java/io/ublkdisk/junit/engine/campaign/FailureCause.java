package io.ublkdisk.junit.engine.campaign;

import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What tells the failures of crash states apart: what the crash did to the disk, where the check failed, and the words of its
 * message. Numbers, texts in quotes and lists in it may differ, because they depend on when the crash came.
 *
 * @param damage what the crash took
 * @param place the line of the check, or nothing
 * @param words the type and the message of the failure, without what differs
 */
record FailureCause(Damage damage, String place, String words) {
    /** The kinds of crash. */
    enum Damage {
        NOTHING_LOST("loses nothing"),
        LOST("loses writes"),
        TORN("tears a write");

        private final String words;

        Damage(String words) {
            this.words = words;
        }

        static Damage of(Epoch epoch, CrashState state) {
            if (!state.tears().isEmpty()) {
                return TORN;
            }
            return epoch.lost(state).isEmpty() ? NOTHING_LOST : LOST;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private static final Pattern QUOTED = Pattern.compile("\"[^\"\\n]*\"|'[^'\\n]*'");
    private static final Pattern DEVICE = Pattern.compile("ublkb\\d+");
    private static final Pattern NUMBER = Pattern.compile("\\b(?:0x)?[0-9a-fA-F]*\\d[0-9a-fA-F]*\\b|\\d+");
    private static final Pattern LIST = Pattern.compile("\\*(?:\\s*,\\s*\\*)+");
    private static final Pattern ONE_OR_NONE = Pattern.compile("([\\[({])\\s*\\*?\\s*([\\])}])");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    /** What checks are written with, and the platform: the line that matters is above it. */
    private static final List<String> LIBRARIES = List.of(
            "java.",
            "jdk.",
            "sun.",
            "org.junit.",
            "org.assertj.",
            "org.hamcrest.",
            "org.opentest4j.",
            "kotlin.",
            "io.ublkdisk.control.");

    /** Returns the cause of a failure of that state. */
    static FailureCause of(Damage damage, Throwable failure) {
        return new FailureCause(
                damage,
                place(failure).orElse(""),
                failure.getClass().getName() + ": " + withoutWhatDiffers(String.valueOf(failure.getMessage())));
    }

    /** Returns the same of another kind of crash. */
    FailureCause with(Damage other) {
        return new FailureCause(other, place, words);
    }

    private static Optional<String> place(Throwable failure) {
        return Arrays.stream(failure.getStackTrace())
                .filter(frame -> LIBRARIES.stream().noneMatch(frame.getClassName()::startsWith))
                .findFirst()
                .map(frame -> frame.getClassName() + ":" + frame.getLineNumber());
    }

    static String withoutWhatDiffers(String message) {
        String text = QUOTED.matcher(message).replaceAll("*");
        text = DEVICE.matcher(text).replaceAll("*");
        text = NUMBER.matcher(text).replaceAll("*");
        text = LIST.matcher(text).replaceAll("*");
        text = ONE_OR_NONE.matcher(text).replaceAll("$1$2");
        return SPACE.matcher(text).replaceAll(" ").strip();
    }
}
