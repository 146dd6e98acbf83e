package io.ublkdisk.server;

import io.ublkdisk.disk.Recording;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Writes a recording that has ended to a file, as {@link LogWritesFile} would have while it went on. Not thread-safe. */
final class RecordingLog extends DurableLog implements AutoCloseable {
    private final LogWriter log;

    /** @param here where the file is for this process; begun anew */
    RecordingLog(Path here) throws IOException {
        log = new LogWriter(here);
    }

    void write(Recording recording) throws IOException {
        try {
            mark(OwnMarks.size(recording.sizeBytes()));
            recording.show(this, this::mark);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    void add(Item item) {
        try {
            item.write(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long entries() {
        return log.entries();
    }

    long bytes() {
        return log.bytes();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
