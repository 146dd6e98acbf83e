package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ublkdisk.journal.FileTarget;
import io.ublkdisk.journal.LogEntry;
import io.ublkdisk.journal.LogWriter;
import io.ublkdisk.journal.OwnMarks;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ublkdisk replay} onto files, and what it says to those who ask wrongly. */
class ReplayCommandTest {
    @TempDir
    Path folder;

    private Path log;
    private Path image;
    private String out;
    private String err;

    @BeforeEach
    void make() throws IOException {
        log = folder.resolve("log");
        image = folder.resolve("image");
        try (LogWriter writer = new LogWriter(log)) {
            writer.mark(OwnMarks.size(4096)); // 0
            writer.write(0, 0, filled(1)); // 1
            writer.flush(); // 2
            writer.mark("loaded"); // 3
            writer.write(1, LogEntry.FUA, filled(2)); // 4
            writer.discard(0, 1); // 5
        }
    }

    private static ByteBuffer filled(int value) {
        ByteBuffer data = ByteBuffer.allocate(512);
        while (data.hasRemaining()) {
            data.put((byte) value);
        }
        return data.flip();
    }

    private int replay(Object... arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        List<String> words = new ArrayList<>(List.of("replay"));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        int status = Ublkdisk.commandLine()
                .setOut(new PrintWriter(outText, true))
                .setErr(new PrintWriter(errText, true))
                .execute(words.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return status;
    }

    private List<Integer> firstBytes() throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        assertThat(bytes).hasSize(4096);
        return List.of((int) bytes[0], (int) bytes[512]);
    }

    @Test
    void saysWhatIsInALog() {
        assertThat(replay(log)).isZero();
        assertThat(out)
                .isEqualTo(log + ": dm-log-writes version 1, sectors of 512 bytes, 6 entries, of a disk of 4KiB\n"
                        + "0: mark \"ublkdisk-size=4096\"\n3: mark \"loaded\"\n");
        assertThat(replay(log, "-v", "--start-entry", 4)).isZero();
        assertThat(out).endsWith("4: write 1+1 fua\n5: discard 0+1\n");
    }

    @Test
    void replaysAllOrAPart() throws IOException {
        assertThat(replay(log, "--to", image)).isZero();
        assertThat(out).isEqualTo("6 entries, 1024 bytes written, 512 discarded; the last is 5: discard 0+1\n");
        assertThat(firstBytes()).containsExactly(0, 2);
        Files.delete(image);
        replay(log, "--replay", image, "--no-discard");
        assertThat(firstBytes()).containsExactly(1, 2);
        Files.delete(image);
        replay(log, "--to", image, "--end-mark", "loaded");
        assertThat(firstBytes()).containsExactly(1, 0);
        replay(log, "--to", image, "--start-mark", "loaded", "--next-fua");
        assertThat(firstBytes()).containsExactly(1, 2);
        Files.delete(image);
        replay(log, "--to", image, "--limit", 1);
        assertThat(firstBytes()).containsExactly(0, 0);
    }

    @Test
    void runsACommandWhenItIsToAndEndsWhereThatFails() throws IOException {
        Path seen = folder.resolve("seen");
        assertThat(replay(log, "--to", image, "--check", "2", "--run", "echo $REPLAYED_ENTRY $REPLAYED_TO >>" + seen))
                .isZero();
        assertThat(out).contains("checked 3 times");
        assertThat(Files.readAllLines(seen)).containsExactly("1 " + image, "3 " + image, "5 " + image);
        Files.delete(image);
        assertThat(replay(log, "--to", image, "--check", "flush", "--fsck", "echo broken >&2; exit 3"))
                .isEqualTo(1);
        assertThat(err)
                .contains("after entry 2: flush 'echo broken >&2; exit 3' ends with exit status 3")
                .contains("  broken");
        assertThat(firstBytes()).containsExactly(1, 0);
    }

    @Test
    void saysWhatIsWrongAndLeavesNothing() throws IOException {
        assertThat(replay(folder.resolve("none"), "--to", image)).isEqualTo(1);
        assertThat(err)
                .isEqualTo(
                        "ublkdisk: " + folder.resolve("none") + ": no such file; check the spelling and the folder\n");
        assertThat(replay(folder, "--to", image)).isEqualTo(1);
        assertThat(err).isEqualTo("ublkdisk: " + folder + ": is a folder; name a file in it\n");
        assertThat(replay(log, "--to", folder.resolve("none").resolve("image"))).isEqualTo(1);
        assertThat(err).contains(folder.resolve("none").resolve("image") + ": no such file");
        assertThat(replay(log, "--to", image, "--end-mark", "loadet")).isEqualTo(1);
        assertThat(err).contains("no mark 'loadet'", "'loaded'");
        assertThat(replay(log, "--to", image, "--size", "512")).isEqualTo(1);
        assertThat(err).contains("of a larger disk");
        assertThat(replay(log, "--check", "flush")).isEqualTo(2);
        assertThat(err).contains("--check says when and --run says what");
        assertThat(replay(log, "--check", "flush", "--run", "true")).isEqualTo(2);
        assertThat(err).contains("say where to replay");
        assertThat(replay(log, "--to", image, "--check", "0", "--run", "true")).isEqualTo(2);
        assertThat(err).contains("write flush, fua, or a number of entries");
        assertThat(replay(log, "--limit", "-1")).isEqualTo(2);
        assertThat(err).contains("limit -1: write 0 or more");
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(file.length() - 512);
        }
        assertThat(replay(log, "--to", image)).isEqualTo(1);
        assertThat(err).contains("is cut off: entry 5 of 6").contains("--limit 5");
        assertThat(image).doesNotExist();
        assertThat(replay(log, "--to", image, "--limit", 5)).isZero();
        Files.writeString(log, "#!/bin/sh");
        assertThat(replay(log, "--to", image)).isEqualTo(1);
        assertThat(err).contains("is no log of dm-log-writes");
    }

    @Test
    @SuppressWarnings("resource") // a device that cannot be made durable either
    void saysOfAFullFilesystemWhereAndWhatToDo() throws IOException {
        FileTarget full = new FileTarget(Path.of("/dev/full"), 0);
        assertThatIOException()
                .isThrownBy(() -> full.write(4096, filled(1)))
                .withMessageContaining("/dev/full cannot be written at byte 4096: No space left on device")
                .withMessageContaining("Make room, or name another place");
    }

    @Test
    void doesNotReplayALogOntoItself() throws IOException {
        Path hard = Files.createLink(folder.resolve("hard"), log);
        Path soft = Files.createSymbolicLink(folder.resolve("soft"), log);
        Path journal = Files.writeString(
                folder.resolve("journal"), "ublkdisk-journal version=1 log-writes=" + log + "\nend\n");
        byte[] before = Files.readAllBytes(log);
        for (Path[] each :
                new Path[][] {{log, log}, {log, hard}, {soft, log}, {log, soft}, {journal, log}, {journal, journal}}) {
            assertThat(replay(each[0], "--to", each[1])).isEqualTo(2);
            assertThat(err)
                    .contains("--to " + each[1] + " is the log itself, " + each[0])
                    .contains("name another file");
            assertThat(Files.readAllBytes(log)).isEqualTo(before);
        }
    }

    @Test
    void replaysNothingWhenItIsToBeNothing() throws IOException {
        Files.write(image, new byte[4096]);
        assertThat(replay(log, "--to", image, "--limit", 0)).isZero();
        assertThat(out).isEqualTo("0 entries, 0 bytes written, 0 discarded\n");
        assertThat(firstBytes()).containsExactly(0, 0);
        assertThat(replay(log, "-v", "--limit", "0")).isZero();
        assertThat(out).doesNotContain("0: mark");
    }

    /** A gigabyte that was discarded, onto a file that has nothing there: 1,057 reads before, and 5 s where a disk is emulated. */
    @Test
    void leavesHolesAloneWithoutReadingThem() throws IOException {
        try (LogWriter writer = new LogWriter(log)) {
            writer.mark(OwnMarks.size(2L << 30));
            writer.write(0, 0, filled(1));
            writer.discard(0, 2L << 21);
            writer.write(2048, 0, filled(2));
        }
        replay(log, "--to", folder.resolve("warm")); // what a JVM reads of its classes is not meant
        long before = readsOfThisThread();
        assertThat(replay(log, "--to", image)).as(err).isZero();
        assertThat(readsOfThisThread() - before).isLessThan(100);
        assertThat(Files.size(image)).isEqualTo(2L << 30);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            assertThat(file.read()).isZero();
            file.seek(2048 * 512);
            assertThat(file.read()).isEqualTo(2);
        }
        Process blocks = new ProcessBuilder("stat", "-c", "%b", image.toString()).start();
        assertThat(Integer.parseInt(new String(blocks.getInputStream().readAllBytes()).strip()))
                .as("sectors that take space")
                .isLessThan(64);
    }

    private static long readsOfThisThread() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/io")).stream()
                .filter(line -> line.startsWith("syscr"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    @Test
    void readsAJournalAndItsLog() throws IOException {
        Path journal = folder.resolve("journal");
        Files.writeString(
                journal,
                "ublkdisk-journal version=1 log-writes=/elsewhere/log\nseq=1 nanos=5000 kind=mark text=loaded\nend\n");
        assertThat(replay(journal)).isZero();
        assertThat(out).isEqualTo("       1       0.000005  MARK loaded\n");
        assertThat(replay(journal, "--to", image)).as(err).isZero();
        assertThat(firstBytes()).containsExactly(0, 2);
    }
}
