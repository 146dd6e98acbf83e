package io.ublkdisk.control;

import io.ublkdisk.journal.LogEntry;
import io.ublkdisk.journal.LogFormatException;
import io.ublkdisk.journal.LogReader;
import io.ublkdisk.journal.OwnMarks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What can be replayed: a log of dm-log-writes, a journal of ublkdisk that has such a log beside it, or a bundle that has one in it. */
public final class ReplaySource implements AutoCloseable {
    private final LogReader log;
    private final OptionalLong sizeBytes;
    /** Null where it is the file that was given. */
    private final Path temporary;

    private ReplaySource(LogReader log, Path temporary) throws IOException {
        this.log = log;
        this.temporary = temporary;
        LogEntry first = log.entryCount() == 0 ? null : log.next();
        this.sizeBytes = first != null && first.isMark() ? OwnMarks.sizeBytes(first.mark()) : OptionalLong.empty();
        log.rewind();
    }

    /** @throws IOException if it is another kind of file, or damaged */
    public static ReplaySource open(Path path) throws IOException {
        try {
            return opened(path);
        } catch (LogFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(IoErrorText.at(path, e), e);
        }
    }

    private static ReplaySource opened(Path path) throws IOException {
        if (!Bundle.looksLikeOne(path)) {
            return open(JournalReader.looksLikeOne(path) ? logOf(path) : path, null);
        }
        Path log = Files.createTempFile("ublkdisk-replay", ".log");
        try {
            Bundle.read(path).extractLog(log);
            return open(log, log);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(log);
            throw e;
        }
    }

    /** Returns the files that {@link #open} would read: the file itself, and the log that a journal names. */
    public static List<Path> filesOf(Path path) throws IOException {
        return Bundle.looksLikeOne(path) || !JournalReader.looksLikeOne(path)
                ? List.of(path)
                : List.of(path, logOf(path));
    }

    private static ReplaySource open(Path file, Path temporary) throws IOException {
        LogReader log = new LogReader(file);
        try {
            return new ReplaySource(log, temporary);
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private static Path logOf(Path journal) throws IOException {
        JournalReader read = JournalReader.read(journal);
        Path log = read.about()
                .text("log-writes")
                .map(Path::of)
                .orElseThrow(
                        () -> new IOException(
                                journal + " is a journal without the data of its writes, and they cannot be"
                                        + " done again; have them logged the next time: --log-writes FILE beside --journal-file"));
        Path beside = journal.resolveSibling(log.getFileName());
        return !log.toFile().exists() && beside.toFile().exists() ? beside : log;
    }

    /** Returns the log. */
    public LogReader log() {
        return log;
    }

    /** Returns how large the disk was, if the log says so: ours do. */
    public OptionalLong sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void close() throws IOException {
        log.close();
        if (temporary != null) {
            Files.deleteIfExists(temporary);
        }
    }
}
