package io.ublkdisk.protocol;

import java.nio.file.Path;

/**
 * What became of a log of writes.
 *
 * @param endedBy why it ended before it was told to; empty if it did not
 */
public record LogSummary(Path file, long entries, long bytes, String endedBy) {
    /** Returns it as the protocol writes it. */
    KeyValues fields() {
        return new KeyValues()
                .put("path", file)
                .put("entries", entries)
                .put("bytes", bytes)
                .put("ended-by", endedBy.isEmpty() ? null : endedBy);
    }

    static LogSummary parse(KeyValues fields) {
        return new LogSummary(
                Path.of(fields.text("path").orElse("")),
                fields.number("entries", 0),
                fields.number("bytes", 0),
                fields.text("ended-by").orElse(""));
    }

    @Override
    public String toString() {
        return entries + " entries, " + bytes + " bytes in " + file
                + (endedBy.isEmpty() ? "" : "; it ended early: " + endedBy);
    }
}
