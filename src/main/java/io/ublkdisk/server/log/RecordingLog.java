package io.ublkdisk.server.log;

import io.ublkdisk.disk.Recording;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import java.io.IOException;
import java.nio.file.Path;

/** Writes a recording that has ended to a file, as {@link LogWritesFile} would have while it went on. Not thread-safe. */
public final class RecordingLog extends DurableLog implements AutoCloseable {
    private final LogWriter log;
    /** What ended it; null for nothing yet. */
    private IOException failure;

    /** @param here where the file is for this process; begun anew */
    public RecordingLog(Path here) throws IOException {
        log = new LogWriter(here);
    }

    public void write(Recording recording) throws IOException {
        mark(OwnMarks.size(recording.sizeBytes()));
        recording.show(this, this::mark);
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    void add(Item item) {
        if (failure != null) {
            item.forget();
            return;
        }
        try {
            item.write(log);
        } catch (IOException e) {
            failure = e;
        }
    }

    public long entries() {
        return log.entries();
    }

    public long bytes() {
        return log.bytes();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
