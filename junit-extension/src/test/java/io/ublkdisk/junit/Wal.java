package io.ublkdisk.junit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A small write-ahead log, for crash tests: right, or wrong in one of the ways that logs are wrong in.
 *
 * <p>Records of 3000 bytes, each a header (number, checksum) and its data, one after the other in a file that was written full
 * of zeroes before. Another file, {@code head}, has the name of the log that counts; it is replaced whole. A record is promised
 * when it is forced.
 */
final class Wal implements AutoCloseable {
    enum Bug {
        MISSING_FORCE,
        FORCE_OF_THE_WRONG_FILE,
        RENAME_WITHOUT_DIRECTORY_SYNC,
        HEADER_AFTER_COMMIT,
        CHECKSUM_MISSING
    }

    private static final int HEADER_BYTES = 16;
    private static final int RECORD_BYTES = 3000;
    private static final int LOG_BYTES = 16 * 4096;

    private final CrashRun run;
    private final Set<Bug> bugs;
    private FileChannel log;
    private int logNumber;
    private long end;

    Wal(CrashRun run, Bug... bugs) throws IOException {
        this.run = run;
        this.bugs = Set.of(bugs);
        makeLog(1);
        nameLog();
        syncFolder();
    }

    /** Promises the record when it returns. */
    void append(int number) throws IOException {
        ByteBuffer record = record(number);
        if (bugs.contains(Bug.HEADER_AFTER_COMMIT)) {
            log.write(record.slice(HEADER_BYTES, RECORD_BYTES - HEADER_BYTES), end + HEADER_BYTES);
            log.force(false);
            run.mark("" + number);
            log.write(record.limit(HEADER_BYTES), end);
        } else {
            log.write(record, end);
            force();
            run.mark("" + number);
        }
        end += RECORD_BYTES;
    }

    private void force() throws IOException {
        if (bugs.contains(Bug.FORCE_OF_THE_WRONG_FILE)) {
            try (FileChannel head = run.open(run.path("head"), StandardOpenOption.WRITE)) {
                head.force(false);
            }
        } else if (!bugs.contains(Bug.MISSING_FORCE)) {
            log.force(false);
        }
    }

    /** Goes on in a new log, with a copy of all records. */
    void rotate() throws IOException {
        FileChannel old = log;
        makeLog(logNumber + 1);
        ByteBuffer all = ByteBuffer.allocate((int) end);
        old.read(all, 0);
        log.write(all.flip(), 0);
        log.force(true);
        old.close();
        nameLog();
        if (!bugs.contains(Bug.RENAME_WITHOUT_DIRECTORY_SYNC)) {
            syncFolder();
        }
    }

    private void makeLog(int number) throws IOException {
        logNumber = number;
        log = run.open(
                run.path("log-" + number),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        log.write(ByteBuffer.allocate(LOG_BYTES), 0);
        log.force(true);
    }

    private void nameLog() throws IOException {
        Path fresh = run.path("head.new");
        try (FileChannel head = run.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            head.write(ByteBuffer.wrap(("log-" + logNumber).getBytes()));
            head.force(true);
        }
        run.move(fresh, run.path("head"));
    }

    private void syncFolder() throws IOException {
        try (FileChannel folder = run.open(run.disk().mountPoint(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    /** The records that are there, in order, up to the first that is not. */
    static List<String> recover(Path folder, Bug... bugs) throws IOException {
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(Files.readString(folder.resolve("head")))));
        List<String> found = new ArrayList<>();
        for (int at = 0; at + RECORD_BYTES <= log.capacity(); at += RECORD_BYTES) {
            int number = log.getInt(at);
            ByteBuffer right = record(number);
            boolean valid = Set.of(bugs).contains(Bug.CHECKSUM_MISSING)
                    ? number != 0
                    : number != 0
                            && log.getLong(at + 8)
                                    == checksum(log.slice(at + HEADER_BYTES, RECORD_BYTES - HEADER_BYTES));
            if (!valid) {
                break;
            }
            if (!log.slice(at, RECORD_BYTES).equals(right)) {
                throw new IllegalStateException("record " + number + " has other bytes than were appended");
            }
            found.add("" + number);
        }
        return found;
    }

    private static ByteBuffer record(int number) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
        for (int at = HEADER_BYTES; at < RECORD_BYTES; at++) {
            record.put(at, (byte) (number * 31 + at % 251 | 1));
        }
        record.putInt(0, number);
        return record.putLong(8, checksum(record.slice(HEADER_BYTES, RECORD_BYTES - HEADER_BYTES)));
    }

    private static long checksum(ByteBuffer data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return crc.getValue();
    }
}
