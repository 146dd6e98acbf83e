package io.ublkdisk.server.log;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.journal.SameFile;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Writes a journal to a file as it grows, one entry a line, by a thread of its own, so that no request waits for the file.
 * What came faster than it could be written is counted there, {@code lost=N}. When the file cannot be written any more (no
 * space, for instance), the file ends and the disk goes on; the journal and the log say so.
 */
final class JournalFile implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration PARTING = Duration.ofSeconds(5);

    private final Journal journal;
    private final Path path;
    private final TimeLimitedTask<Boolean> writing;

    /**
     * Begins the file anew.
     *
     * @param about what stands in its first line
     * @throws IOException if it cannot even be begun
     */
    JournalFile(Journal journal, Path path, KeyValues about) throws IOException {
        this.journal = journal;
        this.path = path;
        BufferedWriter file = new BufferedWriter(Channels.newWriter(SameFile.begin(path), StandardCharsets.UTF_8));
        Journal.Reader reader = journal.readAll(true);
        this.writing = TimeLimitedTask.start("ublkdisk-journal", () -> {
            write(file, reader, about);
            return true;
        });
    }

    private void write(BufferedWriter opened, Journal.Reader reader, KeyValues about) throws InterruptedException {
        try (BufferedWriter file = opened) {
            file.write(JournalFields.header(about) + "\n");
            while (true) {
                List<Entry> entries = reader.next(LOOK);
                long lost = reader.lost();
                if (lost > 0) {
                    file.write("lost=" + lost + "\n");
                }
                for (Entry entry : entries) {
                    file.write(JournalFields.of(entry).line());
                    file.write('\n');
                }
                if (entries.isEmpty()) {
                    file.flush();
                    if (reader.isAtEnd()) {
                        file.write(JournalFields.END + "\n");
                        return;
                    }
                }
            }
        } catch (IOException e) {
            String text = "the journal is not written to " + path + " any more (" + e.getMessage()
                    + "); the disk goes on, and so does the journal in memory";
            Log.say(text);
            journal.event(Entry.Kind.JOURNAL, text);
        }
    }

    /** Waits until all of a closed journal is in the file, but not for long. */
    @Override
    public void close() {
        if (!writing.await(PARTING)) {
            Log.say("the journal is not wholly in " + path + ", which takes more than " + PARTING.toSeconds() + " s");
        }
    }
}
