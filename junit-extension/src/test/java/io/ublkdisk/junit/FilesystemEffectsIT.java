package io.ublkdisk.junit;

import static io.ublkdisk.junit.FilePart.file;
import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.block.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What ext4 makes of each effect, and btrfs where it is another: what a program then finds in its file, past the page cache.
 * Each runs with its rule and without, and docs/faults/WORD.md says the same.
 */
@Timeout(120)
class FilesystemEffectsIT {
    private static final int BLOCK = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @UblkDisk(size = "32MiB", mount = EXT4)
    static Disk ext4;

    @UblkDisk(size = "128MiB", mount = BTRFS)
    static Disk btrfs;

    /** A program that does something with a file of eight blocks, and what became of it in a few words. */
    private interface Program {
        String run(Work work) throws Exception;
    }

    /** It reads the third block. A rule that begins {@code on read} is aimed at just that on ext4. */
    private static final Program READS = work -> work.found();

    /** It overwrites the third block and forces the file; then it reads it again. */
    private static final Program WRITES = work -> work.force("new ").equals("fails") ? work.why : work.found();

    enum Effect {
        FAIL("on read fail MEDIUM", READS, "No data available", "old"),
        FAIL_NOSPC("on write containing \"new\" fail NOSPC", WRITES, "No space left on device", "new"),
        FAIL_PARTLY(
                "on write containing \"new\" fail IO after 3 sectors",
                work -> work.force("new ") + ", " + work.found(),
                "fails, 3 sectors new, rest old",
                "succeeds, new"),
        DELAY("on read delay 2s", work -> work.isSlow(READS), "slow", "old"),
        THROTTLE(
                "on write containing \"new\" throttle 1 requests per 1s",
                work -> work.isSlow(again -> again.force("new ") + again.force("new ") + again.force("new ")),
                "slow",
                "succeeds".repeat(3)),
        HOLD("on write containing \"new\" hold", Work::isHeld, "held, then new", "new"),
        NOTE("on write containing \"new\" note", WRITES, "new", "new"),
        DISCONNECT(
                "on write containing \"new\" disconnect",
                work -> work.force("new ") + ", " + work.found(),
                "fails, No such device",
                "succeeds, new"),
        READ_ONLY("on write containing \"new\" read-only", work -> work.force("new "), "fails", "succeeds"),
        WEAR("on write wear 64KiB", work -> work.forceAgain("new ", 20), "fails", "succeeds"),
        LIE(
                "on flush,fua lie",
                work -> {
                    work.force("new ");
                    work.disk.powerCut();
                    return work.found();
                },
                "old",
                "new"),
        FLIP("on read flip 1 bit", READS, "8 wrong bits", "old"),
        SET("on read set 0xff", READS, "0xff", "old"),
        ZERO("on read zero", READS, "zeroes", "old"),
        GARBAGE("on read garbage", READS, "garbage", "old"),
        LOSE("on write containing \"new\" lose", WRITES, "old", "new"),
        TEAR("on write containing \"new\" tear keep 3 sectors", WRITES, "3 sectors new, rest old", "new"),
        MISDIRECT("on write containing \"new\" misdirect by 8", WRITES, "old, and the next block new", "new"),
        STALE("on read stale", WRITES, "old", "new"),
        BAD_SECTOR(
                "on read bad-sector",
                work -> work.found() + ", " + WRITES.run(work),
                "No data available, new",
                "old, new"),
        BTRFS_FLIP("on read not metadata flip 1 bit", READS, "Input/output error", "old"),
        BTRFS_GARBAGE("on read not metadata garbage", READS, "Input/output error", "old"),
        BTRFS_LOSE("on write containing \"new\" lose", WRITES, "Input/output error", "new"),
        BTRFS_TEAR("on write containing \"new\" tear keep 3 sectors", WRITES, "Input/output error", "new"),
        BTRFS_MISDIRECT("on write containing \"new\" misdirect by 8", WRITES, "Input/output error", "new"),
        BTRFS_STALE("on read not metadata stale", WRITES, "Input/output error", "new");

        private final String rule;
        private final Program program;
        private final String struck;
        private final String healthy;

        Effect(String rule, Program program, String struck, String healthy) {
            this.rule = rule;
            this.program = program;
            this.struck = struck;
            this.healthy = healthy;
        }

        boolean isOnBtrfs() {
            return name().startsWith("BTRFS");
        }
    }

    static Stream<Arguments> cases() {
        return Arrays.stream(Effect.values())
                .flatMap(effect -> Stream.of(Arguments.of(effect, true), Arguments.of(effect, false)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isSeenByTheProgramAboveTheFilesystem(Effect effect, boolean armed) throws Exception {
        Disk disk = effect.isOnBtrfs() ? btrfs : ext4;
        Work work = new Work(disk, disk.path(effect.name() + armed));
        if (armed) {
            boolean aimed = effect.rule.startsWith("on read") && !effect.isOnBtrfs();
            String rule = "rule it: " + effect.rule;
            work.rule = aimed
                    ? disk.faults()
                            .on(file(work.path).bytes(2 * BLOCK, 3 * BLOCK - 1))
                            .add(rule)
                    : disk.faults().add(rule);
        }
        try {
            assertThat(effect.program.run(work))
                    .as(effect.rule + (armed ? "" : ", disarmed"))
                    .isEqualTo(armed ? effect.struck : effect.healthy);
            if (armed) {
                disk.faults().verify("it").fired();
            }
        } finally {
            disk.faults().clear();
            disk.powerCut();
        }
    }

    /** A file of eight blocks of old content. */
    private static final class Work {
        final Disk disk;
        final Path path;
        String rule = "";
        String why;

        Work(Disk disk, Path path) throws IOException {
            this.disk = disk;
            this.path = path;
            try (FileChannel file = FileChannel.open(path, CREATE_NEW, WRITE)) {
                file.write(ByteBuffer.wrap(blocks("old ", 8)));
                file.force(true);
            }
        }

        String force(String content) {
            try (FileChannel file = FileChannel.open(path, WRITE)) {
                file.write(ByteBuffer.wrap(blocks(content, 1)), 2 * BLOCK);
                file.force(true);
                return "succeeds";
            } catch (IOException e) {
                why = words(e);
                return "fails";
            }
        }

        String forceAgain(String content, int times) {
            for (int i = 0; i < times; i++) {
                if (force(content).equals("fails")) {
                    return "fails";
                }
            }
            return "succeeds";
        }

        /** What a read past the page cache finds in the third block, and in others if they are not what they were. */
        String found() throws IOException {
            ByteBuffer into =
                    ByteBuffer.allocateDirect(BLOCK + 4096).alignedSlice(4096).limit(BLOCK);
            byte[] block = new byte[BLOCK];
            byte[] next = new byte[BLOCK];
            try (FileChannel file = FileChannel.open(path, READ, ExtendedOpenOption.DIRECT)) {
                file.read(into, 2 * BLOCK);
                into.flip().get(block);
                file.read(into.clear().limit(BLOCK), 3 * BLOCK);
                into.flip().get(next);
            } catch (IOException e) {
                return words(e);
            }
            return kind(block) + (kind(next).equals("old") ? "" : ", and the next block " + kind(next));
        }

        String isSlow(Program program) throws Exception {
            long start = Clock.nanos();
            String outcome = program.run(this);
            return Clock.nanos() - start >= TimeUnit.SECONDS.toNanos(2) ? "slow" : outcome;
        }

        String isHeld() throws Exception {
            CompletableFuture<String> writer = CompletableFuture.supplyAsync(() -> {
                try {
                    return WRITES.run(this);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            if (rule.isEmpty()) {
                return writer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            disk.faults().verify(rule).awaitFired(PATIENCE);
            TimeUnit.MILLISECONDS.sleep(300);
            String held = writer.isDone() ? "not held" : "held";
            disk.faults().remove(rule);
            return held + ", then " + writer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        private static String words(IOException e) {
            return e.getMessage()
                    .substring(e.getMessage().lastIndexOf(": ") + 1)
                    .strip();
        }

        private static String kind(byte[] block) {
            for (String content : new String[] {"old ", "new "}) {
                if (Arrays.equals(block, blocks(content, 1))) {
                    return content.strip();
                }
            }
            if (Arrays.equals(block, new byte[BLOCK])) {
                return "zeroes";
            }
            byte[] ones = new byte[BLOCK];
            Arrays.fill(ones, (byte) 0xff);
            if (Arrays.equals(block, ones)) {
                return "0xff";
            }
            byte[] old = blocks("old ", 1);
            byte[] fresh = blocks("new ", 1);
            int same = Arrays.mismatch(block, fresh);
            if (same > 0 && Arrays.equals(block, same, BLOCK, old, same, BLOCK)) {
                return same / 512 + " sectors new, rest old";
            }
            int bits = 0;
            for (int i = 0; i < BLOCK; i++) {
                bits += Integer.bitCount((block[i] ^ old[i]) & 0xff);
            }
            return bits < 100 ? bits + " wrong bits" : "garbage";
        }

        private static byte[] blocks(String content, int count) {
            return content.repeat(count * BLOCK / content.length()).getBytes(StandardCharsets.US_ASCII);
        }
    }
}
