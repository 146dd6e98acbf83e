package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.journal.LogWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilesInUseTest {
    @TempDir
    Path folder;

    private final FilesInUse files = new FilesInUse();
    private Path file;

    @BeforeEach
    void make() throws IOException {
        file = Files.writeString(folder.resolve("file"), "precious");
        Files.createLink(folder.resolve("hard"), file);
        Files.createSymbolicLink(folder.resolve("soft"), file);
    }

    private static DiskSpec spec(String name, UnaryOperator<DiskSpec.Builder> more) {
        return more.apply(DiskSpec.builder().name(name)).build();
    }

    @ParameterizedTest
    @CsvSource({
        "file, hard,, the log of the writes, the file",
        "file, soft,, the log of the writes, the file",
        "file,, hard, the journal file, the file",
        ", new, new, the journal file, the log of the writes",
        ", file, soft, the journal file, the log of the writes"
    })
    void oneDiskUsesNoFileAsTwoThings(String media, String log, String journal, String what, String is) {
        DiskSpec spec = spec("db", builder -> {
            if (media != null) {
                builder.file(folder.resolve(media));
            }
            if (log != null) {
                builder.logWrites(folder.resolve(log));
            }
            return journal == null ? builder : builder.journalFile(folder.resolve(journal));
        });
        assertThatThrownBy(() -> files.take(spec))
                .isInstanceOf(DiskException.class)
                .hasMessageStartingWith(what + ", " + folder)
                .hasMessageContaining("is " + is + " of the disk 'db' already; name another file");
        assertThat(file).hasContent("precious");
    }

    @Test
    void twoDisksUseNoFileTogetherUntilOneIsGone() throws DiskException {
        DiskSpec first = spec("one", builder -> builder.logWrites(folder.resolve("soft")));
        DiskSpec second = spec("two", builder -> builder.file(folder.resolve("hard")));
        try (FilesInUse.OfDisk one = files.take(first)) {
            assertThatThrownBy(() -> files.take(second))
                    .hasMessageContaining("is the log of the writes of the disk 'one' already");
            assertThatThrownBy(() -> one.checkOther("the log of the recording", file, file))
                    .hasMessageContaining("the log of the recording, " + file);
        }
        files.take(second).close();
        files.take(first).close();
    }

    @Test
    void aLogThatEndedIsFreeAndOneThatIsRefusedChangesNothing() throws DiskException {
        try (FilesInUse.OfDisk one = files.take(spec("one", b -> b));
                FilesInUse.OfDisk two = files.take(spec("two", b -> b))) {
            Path log = folder.resolve("log");
            one.take(FilesInUse.Role.LOG_WRITES, log, log);
            one.take(FilesInUse.Role.LOG_WRITES, log, log);
            assertThatThrownBy(() -> two.take(FilesInUse.Role.LOG_WRITES, log, log))
                    .hasMessageContaining("the disk 'one' already");
            two.take(FilesInUse.Role.LOG_WRITES, file, file);
            assertThatThrownBy(() -> two.take(FilesInUse.Role.LOG_WRITES, log, log))
                    .hasMessageContaining("the disk 'one' already");
            assertThatThrownBy(() -> one.take(FilesInUse.Role.JOURNAL, file, file))
                    .as("two has still its earlier one")
                    .hasMessageContaining("the disk 'two' already");
            one.giveBack(FilesInUse.Role.LOG_WRITES);
            two.take(FilesInUse.Role.LOG_WRITES, log, log);
        }
    }

    @Test
    void whatIsReplayedIsNotWrittenOver() throws IOException {
        Path log = folder.resolve("log");
        try (LogWriter writer = new LogWriter(log)) {
            writer.mark("loaded");
        }
        Path link = Files.createSymbolicLink(folder.resolve("log-link"), log);
        Path journal = Files.writeString(
                folder.resolve("journal"), "ublkdisk-journal version=1 log-writes=" + log + "\nend\n");
        for (Path replayed : new Path[] {log, link, journal}) {
            DiskSpec spec =
                    spec("db", b -> b.sizeBytes(1 << 20).replay(replayed, null).logWrites(log));
            assertThatThrownBy(() -> files.take(spec))
                    .hasMessageContaining("the log of the writes, " + log + ", is what is to be replayed");
        }
        assertThatThrownBy(() -> files.take(spec(
                        "db", b -> b.sizeBytes(1 << 20).replay(journal, null).journalFile(journal))))
                .hasMessageContaining("the journal file");
        files.take(spec("db", b -> b.sizeBytes(1 << 20).replay(log, null).logWrites(folder.resolve("new"))))
                .close();
    }

    @Test
    void whatKeepsNoBytesMayBeUsedByAll() throws DiskException {
        Path none = Path.of("/dev/null");
        DiskSpec spec = spec("db", b -> b.logWrites(none).journalFile(none));
        files.take(spec);
        files.take(spec);
    }
}
