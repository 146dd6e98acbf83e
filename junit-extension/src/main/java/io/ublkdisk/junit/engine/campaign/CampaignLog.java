package io.ublkdisk.junit.engine.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * A file with the verdict of each crash state, a line each, written as soon as it is known: what ends the tests before their
 * reports are written takes nothing from it.
 */
public final class CampaignLog {
    /** Keeps nothing. */
    public static final CampaignLog NOWHERE = new CampaignLog();

    private static final int LONGEST = 200;
    /** Null: they are kept nowhere. */
    private final Path file;

    private CampaignLog() {
        this.file = null;
    }

    /** Begins the file anew. */
    public CampaignLog(Path file) throws IOException {
        this.file = file;
        Files.writeString(file, "test\tverdict\ttime\tstate\tpromised\twhy\n");
    }

    /**
     * Adds a line.
     *
     * @param test the number of the test among those of its method, from 1
     * @param why nothing, or a message, of which the first line counts
     */
    void add(int test, String verdict, long nanos, String state, String promised, String why) {
        if (file == null) {
            return;
        }
        String line = String.join(
                "\t",
                "[" + test + "]",
                verdict,
                String.format(Locale.ROOT, "%.3f s", nanos / 1e9),
                state,
                field(promised),
                field(why));
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND, StandardOpenOption.CREATE);
        } catch (IOException full) {
            return; // a verdict that cannot be kept here is in the report of the tests still
        }
    }

    private static String field(String text) {
        String line = text.lines()
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse("")
                .replace('\t', ' ');
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
