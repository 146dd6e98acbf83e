package io.ublkdisk.protocol;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.journal.Entry;
import java.util.Arrays;

/** Records of a journal as lines of the protocol, and back. What an entry has not is left out. */
public final class JournalFields {
    /** The last line of a journal's file, unless its writer died. */
    public static final String END = "end";

    public static final String FIRST_WORD = "ublkdisk-journal";
    public static final long VERSION = 1;

    private JournalFields() {}

    /** Returns the first line of a journal's file. @param about the disk */
    public static String header(KeyValues about) {
        return FIRST_WORD + " version=" + VERSION + " " + about.line();
    }

    /** Returns an entry as the protocol writes it. */
    public static KeyValues of(Entry entry) {
        KeyValues fields = new KeyValues()
                .put("seq", entry.sequence())
                .put("nanos", entry.timeNanos())
                .put("kind", entry.kind().word())
                .put("request", entry.request() == 0 ? null : entry.request())
                .put("rule", entry.rule().isEmpty() ? null : entry.rule());
        if (entry.operation() != null) {
            fields.put("operation", entry.operation().word()).put("flags", entry.flags() == 0 ? null : entry.flags());
        }
        if (entry.sectorCount() > 0) {
            fields.put("sector", entry.sector()).put("sectors", entry.sectorCount());
        }
        if (entry.operation() != null) {
            fields.put("status", entry.status());
        }
        if (entry.kind() == Entry.Kind.REQUEST) {
            fields.put("took", entry.tookNanos()).put("epoch", entry.epoch());
        }
        return fields.put("text", entry.text().isEmpty() ? null : entry.text());
    }

    /** @throws IllegalArgumentException if it is no entry */
    public static Entry parse(KeyValues fields) {
        String kind = fields.text("kind").orElse("");
        return new Entry(
                fields.number("seq", 0),
                fields.number("nanos", 0),
                Entry.Kind.named(kind)
                        .orElseThrow(() -> new IllegalArgumentException("'" + kind + "' is no kind of entry")),
                fields.number("request", 0),
                fields.text("operation").map(JournalFields::operation).orElse(null),
                (int) fields.number("flags", 0),
                fields.number("sector", 0),
                (int) fields.number("sectors", 0),
                fields.text("status").flatMap(BlockStatus::named).orElse(BlockStatus.OK),
                fields.number("took", 0),
                fields.number("epoch", 0),
                fields.text("rule").orElse(""),
                fields.text("text").orElse(""));
    }

    /** Returns the operation of that word. @throws IllegalArgumentException if there is no such operation */
    public static Operation operation(String word) {
        return Arrays.stream(Operation.values())
                .filter(o -> o.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is no operation"));
    }
}
