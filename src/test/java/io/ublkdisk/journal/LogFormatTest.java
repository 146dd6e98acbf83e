package io.ublkdisk.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Seed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of dm-log-writes: what is written is read, and whatever else is read is a clear error. */
class LogFormatTest {
    private static final int DISK_SECTORS = 64;
    private static Path folder;

    @TempDir
    Path here;

    @BeforeContainer
    static void make() throws IOException {
        folder = Files.createTempDirectory("log-format");
    }

    @AfterContainer
    static void remove() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** What a test writes. */
    private record Step(int kind, int sector, int sectors, String text, long seed) {
        ByteBuffer data() {
            ByteBuffer data = ByteBuffer.allocate(sectors * 512);
            for (int at = 0; at < data.capacity(); at += 8) {
                data.putLong(at, Seed.combine(seed, at));
            }
            return data;
        }

        int flags() {
            return switch (kind) {
                case 1 -> LogEntry.FUA;
                case 2 -> LogEntry.METADATA;
                default -> 0;
            };
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 6),
                        Arbitraries.integers().between(0, DISK_SECTORS - 9),
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.strings().withChars("aé\u20ac b\"").ofMaxLength(200),
                        Arbitraries.longs())
                .as(Step::new)
                .list()
                .ofMaxSize(20);
    }

    private static void write(Path path, List<Step> steps) throws IOException {
        try (LogWriter log = new LogWriter(path)) {
            for (Step step : steps) {
                switch (step.kind) {
                    case 0, 1, 2 -> log.write(step.sector, step.flags(), step.data());
                    case 3 -> log.flush();
                    case 4 -> log.discard(step.sector, step.sectors);
                    case 5 -> log.zeroes(step.sector, step.sectors, 0);
                    default -> log.mark(step.text);
                }
            }
        }
    }

    private static List<LogEntry> read(Path path) throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        try (LogReader log = new LogReader(path)) {
            for (LogEntry entry = log.next(); entry != null; entry = log.next()) {
                entries.add(entry);
            }
            assertThat(entries).hasSize((int) log.entryCount());
        }
        return entries;
    }

    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll("steps") List<Step> steps) throws IOException {
        Path path = folder.resolve("law");
        write(path, steps);
        List<LogEntry> entries = read(path);
        assertThat(entries).hasSameSizeAs(steps);
        byte[] expected = new byte[DISK_SECTORS * 512];
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            LogEntry entry = entries.get(i);
            assertThat(entry.number()).isEqualTo(i);
            boolean hasSectors = step.kind != 3 && step.kind != 6;
            assertThat(entry.sector()).isEqualTo(hasSectors ? step.sector : 0);
            assertThat(entry.sectorCount()).isEqualTo(hasSectors ? step.sectors : 0);
            assertThat(entry.flags())
                    .isEqualTo(
                            switch (step.kind) {
                                case 3 -> LogEntry.FLUSH;
                                case 4 -> LogEntry.DISCARD;
                                case 6 -> LogEntry.MARK;
                                default -> step.flags();
                            });
            if (step.kind == 6) {
                assertThat(step.text).startsWith(entry.mark());
                assertThat(entry.mark().getBytes(java.nio.charset.StandardCharsets.UTF_8).length)
                        .isLessThan(480);
            }
            if (hasSectors) {
                Arrays.fill(expected, step.sector * 512, (step.sector + step.sectors) * 512, (byte) 0);
            }
            if (step.kind < 3) {
                System.arraycopy(step.data().array(), 0, expected, step.sector * 512, step.sectors * 512);
            }
        }
        Path image = folder.resolve("image");
        Files.deleteIfExists(image);
        try (LogReader log = new LogReader(path);
                FileTarget target = new FileTarget(image, expected.length)) {
            Replay.Summary summary = new Replay(log, target, true).run(LogPart.ALL, entry -> {});
            assertThat(summary.entries()).isEqualTo(steps.size());
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(expected);
    }

    /** Cut anywhere, or changed anywhere: what comes is a log, perhaps another one, or an error that names the file. */
    @Property(tries = 1000)
    void aDamagedLogIsAClearErrorOrALog(
            @ForAll("steps") List<Step> steps, @ForAll long seed, @ForAll boolean cut, @ForAll boolean noise)
            throws IOException {
        Path path = folder.resolve("damaged");
        write(path, steps);
        long length = Files.size(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            if (cut) {
                file.setLength(Long.remainderUnsigned(Seed.combine(seed, 1), length + 1));
            }
            for (int i = 0; noise && i < 4 && file.length() > 0; i++) {
                file.seek(Long.remainderUnsigned(Seed.combine(seed, 2 + i), Math.min(file.length(), 2048)));
                file.write((int) Seed.combine(seed, 9 + i));
            }
        }
        try {
            List<LogEntry> entries = read(path);
            assertThat(entries).allMatch(entry -> entry.sectorCount() >= 0 && entry.sector() >= 0);
        } catch (LogFormatException e) {
            assertThat(e).hasMessageStartingWith(path + " ").hasMessageMatching("(?s).{20,400}");
        }
    }

    @Property(tries = 500)
    void garbageIsAClearError(@ForAll byte[] bytes) throws IOException {
        Path path = folder.resolve("garbage");
        Files.write(path, bytes);
        assertThatThrownBy(() -> read(path)).isInstanceOf(LogFormatException.class);
        ByteBuffer behindAGoodStart = ByteBuffer.allocate(512 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        behindAGoodStart.putLong(0x6a736677736872L).putLong(1).putLong(3).putInt(512);
        behindAGoodStart.position(512).put(bytes);
        Files.write(path, behindAGoodStart.array());
        assertThatThrownBy(() -> read(path)).isInstanceOf(LogFormatException.class);
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        Path path = here.resolve("log");
        Files.writeString(path, "too short");
        assertThatThrownBy(() -> read(path)).hasMessageContaining("has 9 bytes and is no log of dm-log-writes");
        Files.write(path, new byte[4096]);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("it begins with 0x0, and such logs with 0x6a73");
        write(path, List.of(new Step(0, 8, 2, "", 1), new Step(6, 0, 1, "loaded", 1)));
        patch(path, 8, 2);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("of version 2; this reads version 1");
        patch(path, 8, 1);
        patch(path, 16, 3);
        assertThatThrownBy(() -> read(path))
                .hasMessageContaining("is cut off: entry 2 of 3")
                .hasMessageContaining("--limit 2");
        patch(path, 16, 2);
        patch(path, 24, 513);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("sectors have 513 bytes");
        patch(path, 24, 512);
        patch(path, 512 + 16, 64);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("has the flags 0x40, of which 0x1f are known");
        patch(path, 512 + 16, 0);
        patch(path, 512 + 8, -1);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("number of sectors is 18446744073709551615");
        patch(path, 512 + 8, 0);
        assertThatThrownBy(() -> read(path)).hasMessageContaining("is empty");
        patch(path, 512 + 8, 2);
        assertThat(read(path)).hasSize(2);
    }

    private static void patch(Path path, long at, long value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            file.writeLong(Long.reverseBytes(value));
        }
    }

    @Test
    void readsLogsWhoseSectorsAreLarger() throws IOException {
        ByteBuffer log = ByteBuffer.allocate(4 * 4096).order(ByteOrder.LITTLE_ENDIAN);
        log.putLong(0x6a736677736872L).putLong(1).putLong(2).putInt(4096);
        log.position(4096).putLong(3).putLong(1).putLong(LogEntry.FUA).putLong(0);
        log.position(8192).put((byte) 7);
        log.position(12288).putLong(2).putLong(5).putLong(LogEntry.DISCARD).putLong(0);
        Path path = here.resolve("log");
        Files.write(path, log.array());
        List<LogEntry> entries = read(path);
        assertThat(entries.get(0).offsetBytes()).isEqualTo(3 * 4096);
        assertThat(entries.get(0).lengthBytes()).isEqualTo(4096);
        assertThat(entries.get(0)).hasToString("0: write 24+8 fua");
        assertThat(entries.get(1).lengthBytes()).isEqualTo(5 * 4096);
    }

    @Test
    void aPartBeginsAndEndsWhereItIsTold() throws IOException {
        Path path = here.resolve("log");
        try (LogWriter log = new LogWriter(path)) {
            log.write(0, 0, ByteBuffer.allocate(512)); // 0
            log.mark("one"); // 1
            log.write(1, LogEntry.FUA, ByteBuffer.allocate(512)); // 2
            log.flush(); // 3
            log.mark("two"); // 4
            log.discard(4, 4); // 5
        }
        assertThat(numbers(path, LogPart.ALL)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(numbers(path, LogPart.to("two"))).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(numbers(path, part(0, "one", "two", ANY, false, false))).containsExactly(2L, 3L, 4L);
        assertThat(numbers(path, part(0, "one", null, ANY, true, false))).containsExactly(2L, 3L);
        assertThat(numbers(path, part(0, null, null, ANY, true, true))).containsExactly(0L, 1L, 2L);
        assertThat(numbers(path, part(2, null, null, 3, false, false))).containsExactly(2L, 3L, 4L);
        assertThatThrownBy(() -> numbers(path, part(6, null, null, ANY, false, false)))
                .hasMessageContaining("has 6 entries");
        assertThatThrownBy(() -> numbers(path, LogPart.to("three")))
                .hasMessageContaining("no mark 'three'")
                .hasMessageContaining("'one', 'two'");
        assertThatThrownBy(() -> numbers(path, part(0, "zero", null, ANY, false, false)))
                .hasMessageContaining("no mark 'zero'");
        assertThat(numbers(path, part(2, null, null, 0, false, false)))
                .as("none is none")
                .isEmpty();
        assertThatThrownBy(() -> part(0, null, null, -1, false, false)).hasMessageContaining("limit -1");
    }

    private static final long ANY = Long.MIN_VALUE;

    private static LogPart part(long entry, String from, String to, long limit, boolean flush, boolean fua) {
        OptionalLong most = limit == ANY ? OptionalLong.empty() : OptionalLong.of(limit);
        return new LogPart(entry, Optional.ofNullable(from), Optional.ofNullable(to), most, flush, fua);
    }

    private static List<Long> numbers(Path path, LogPart part) throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (LogReader log = new LogReader(path)) {
            part.visit(log, entry -> numbers.add(entry.number()));
        }
        return numbers;
    }

    @Test
    void aLogThatIsDamagedOrDoesNotFitChangesNothing() throws IOException {
        Path path = here.resolve("log");
        write(path, List.of(new Step(0, 0, 4, "", 1), new Step(0, 60, 2, "", 1)));
        Path image = here.resolve("image");
        Files.write(image, new byte[61 * 512]);
        assertThatThrownBy(() -> replay(path, image, 61 * 512))
                .hasMessageContaining("entry 1: write 60+2 of " + path)
                .hasMessageContaining("of a larger disk");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        assertThatThrownBy(() -> replay(path, image, 0)).hasMessageContaining("is cut off");
        assertThat(Files.readAllBytes(image)).containsOnly(0).hasSize(61 * 512);
        assertThatThrownBy(() -> replay(path, image, 512)).hasMessageContaining("bytes already");
    }

    private static void replay(Path path, Path image, long size) throws IOException {
        try (LogReader log = new LogReader(path);
                FileTarget target = new FileTarget(image, size)) {
            new Replay(log, target, true).run(LogPart.ALL, entry -> {});
        }
    }

    @Test
    void aLogOfAWriterThatDiedIsWholeAsFarAsItWasPublished() throws IOException {
        Path path = here.resolve("log");
        LogWriter log = new LogWriter(path);
        log.write(0, 0, ByteBuffer.allocate(512));
        log.publish();
        log.zeroes(8, 2048, 0);
        assertThat(read(path)).hasSize(1);
        log.publish();
        assertThat(read(path)).hasSize(2);
        assertThatCode(log::close).doesNotThrowAnyException();
    }
}
