package io.ublkdisk.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.RequestDriver;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Seed;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.FileTarget;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.journal.LogPart;
import io.ublkdisk.journal.LogReader;
import io.ublkdisk.journal.OwnMarks;
import io.ublkdisk.journal.Replay;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes durable on a drive, in a file: replayed it is the drive again, whatever happened, and the drive waits for nobody. */
@Timeout(60)
class LogWritesFileTest {
    private static final int BYTES = 1 << 20;
    private static final int BLOCK = 4096;

    @TempDir
    Path folder;

    private final PagePool pool = new PagePool();
    private final Journal journal = new Journal(10, Clock::nanos);
    private Drive drive;
    private RequestDriver host;
    private Path file;

    @BeforeEach
    void make() {
        drive = Drive.builder().sizeBytes(BYTES).pool(pool).seed(1).build();
        host = new RequestDriver(drive);
        file = folder.resolve("log");
    }

    @AfterEach
    void nothingIsHeld() {
        drive.close();
        assertThat(pool.usedPages()).isZero();
    }

    private LogWritesFile log(Path path) throws IOException {
        return new LogWritesFile(drive, path, path, journal);
    }

    private void write(int block, int value, int flags) throws Exception {
        byte[] data = new byte[BLOCK];
        Arrays.fill(data, (byte) value);
        assertThat(host.write((long) block * BLOCK, data, flags)).isEqualTo(BlockStatus.OK);
    }

    private byte[] now() throws Exception {
        byte[] bytes = new byte[BYTES];
        assertThat(host.read(0, bytes)).isEqualTo(BlockStatus.OK);
        return bytes;
    }

    private byte[] replayed(LogPart part) throws IOException {
        Path image = folder.resolve("image");
        Files.deleteIfExists(image);
        try (LogReader reader = new LogReader(file);
                FileTarget target = new FileTarget(image, BYTES)) {
            new Replay(reader, target, true).run(part, entry -> {});
        }
        return Files.readAllBytes(image);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void replayedItIsTheDriveAgain(long seed) throws Exception {
        for (int block = 0; block < 100; block += 3) {
            write(block, 7, 0);
        }
        host.flush();
        byte[] start = now();
        write(99, 8, 0); // not durable when the log begins
        byte[] middle;
        try (LogWritesFile log = log(file);
                Snapshot snapshot = drive.snapshot()) {
            for (int i = 0; i < 200; i++) {
                step(Seed.combine(seed, i), i, snapshot);
            }
            host.flush();
            log.mark("middle");
            middle = now();
            write(9, 99, 0);
            log.mark("not flushed");
            assertThat(log.endedBy()).isEmpty();
        }
        assertSame(OwnMarks.START, start);
        assertSame("middle", middle);
        assertSame("not flushed", middle);
        assertSame(OwnMarks.END, now());
    }

    private void assertSame(String mark, byte[] expected) throws IOException {
        assertThat(Arrays.mismatch(replayed(LogPart.to(mark)), expected))
                .as("the first byte that differs at the mark '%s'", mark)
                .isEqualTo(-1);
    }

    private void step(long chance, int i, Snapshot snapshot) throws Exception {
        int block = (int) Long.remainderUnsigned(chance, BYTES / BLOCK - 4);
        switch ((int) Long.remainderUnsigned(chance >>> 20, 40)) {
            case 0 -> {
                drive.powerCut(SurvivalPolicy.random(0.5, chance));
                drive.cache().powerOn();
            }
            case 1 -> drive.rewind(snapshot);
            case 2, 3, 4, 5 -> host.flush();
            case 6, 7 -> host.discard((long) block * BLOCK, 4 * BLOCK);
            case 8, 9 -> host.writeZeroes((long) block * BLOCK, 3 * BLOCK);
            case 10, 11, 12, 13 -> write(block, i, Request.FUA);
            default -> write(block, i, 0);
        }
    }

    @Test
    void whatCannotBeBegunIsSaid() {
        assertThatThrownBy(() -> log(Path.of("/dev/full"))).hasMessage("No space left on device");
        assertThatThrownBy(() -> log(folder.resolve("no/such"))).isInstanceOf(IOException.class);
    }

    @Test
    void whenMoreComesThanTheFileTakesTheLogEndsAndTheDriveGoesOn() throws Exception {
        try (LogWritesFile log = new LogWritesFile(drive, file, file, journal, 0)) {
            write(0, 1, Request.FUA);
            assertThat(TimeLimitedTask.until(Duration.ofSeconds(20), () -> kinds().contains("journal")))
                    .isTrue();
            write(1, 2, Request.FUA);
            host.flush();
            log.mark("late");
            assertThat(log.endedBy()).contains("came faster than it takes them");
        }
        assertThat(now()[BLOCK]).isEqualTo((byte) 2);
        assertThat(kinds()).containsExactly("journal");
        assertThat(replayed(LogPart.ALL)).containsOnly(0);
    }

    private List<String> kinds() {
        try {
            List<String> kinds = new ArrayList<>();
            for (Entry entry : journal.readAll(false).next(Duration.ZERO)) {
                kinds.add(entry.kind().word());
            }
            return kinds;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thereMayBeTwo() throws Exception {
        try (LogWritesFile first = log(file)) {
            write(0, 1, 0);
            log(folder.resolve("second")).close();
            write(1, 2, 0);
            assertThat(first.endedBy()).isEmpty();
        }
        byte[] all = replayed(LogPart.to(OwnMarks.END));
        assertThat(all[0]).isEqualTo((byte) 1);
        assertThat(all[BLOCK]).isEqualTo((byte) 2);
    }

    @Test
    void aDriveThatClosesEndsItsLog() throws Exception {
        LogWritesFile log = log(file);
        write(0, 1, 0);
        drive.close();
        log.close();
        assertThat(replayed(LogPart.to(OwnMarks.END))[0]).isEqualTo((byte) 1);
        assertThat(log.endedBy()).isEmpty();
    }
}
