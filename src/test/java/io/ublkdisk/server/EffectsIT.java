package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Operation;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.StepReport;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a program sees of each effect of the language, past the page cache and through ext4; and that it sees nothing without. */
@Timeout(180)
class EffectsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static RemoteDisk raw;

    /** A rule, and a try on a device that says whether the fault struck; it knows no third outcome. */
    enum Effect {
        FAIL("on read sectors 2048..2055 fail MEDIUM", d -> d.fails(() -> d.read(2048, 8))),
        DELAY("on read sectors 2048..2055 delay 1s", d -> d.isSlow(Duration.ofSeconds(1), () -> d.read(2048, 8))),
        SLOW_DOWN(
                "on write slow-down to 1s over 3 requests",
                d -> d.isSlow(Duration.ofSeconds(2), () -> {
                    for (int i = 0; i < 3; i++) {
                        d.write(2048, 8, 1);
                    }
                })),
        THROTTLE(
                "on write throttle 1 requests per 1s",
                d -> d.isSlow(Duration.ofSeconds(2), () -> {
                    for (int i = 0; i < 3; i++) {
                        d.write(2048, 8, 1);
                    }
                })),
        HOLD("on write hold", Device::isHeld),
        NOTE("on write note", d -> {
            d.write(2048, 8, 1);
            return d.disk.rules().reports().stream().anyMatch(r -> r.fired() > 0);
        }),
        DISCONNECT("on write nth 1 disconnect", d -> d.fails(() -> d.write(2048, 8, 1)) && d.fails(() -> d.read(0, 8))),
        READ_ONLY("on write nth 1 read-only", d -> {
            boolean fails = d.fails(() -> d.write(2048, 8, 1));
            d.read(0, 8);
            return fails;
        }),
        WEAR("on write wear 2 writes", d -> {
            d.write(2048, 8, 1);
            d.write(2048, 8, 2);
            return d.fails(() -> d.write(2048, 8, 3));
        }),
        LIE("on flush lie", d -> d.isLost(() -> d.writeAndForce(1))),
        /** The kernel sends a flush behind such a write, so an honest FUA alone would save it, and so would an honest flush. */
        LIE_FUA("on flush,fua lie", d -> d.isLost(() -> d.writeThrough(1))),
        FLIP("on read sectors 2048..2055 flip 1 bit", Device::readsWrong),
        SET("on read sectors 2048..2055 set 0xff", Device::readsWrong),
        ZERO("on read sectors 2048..2055 zero", Device::readsWrong),
        GARBAGE("on read sectors 2048..2055 garbage", Device::readsWrong),
        LOSE("on write sectors 2048..2055 nth 2 lose", d -> d.hasAfterTwoWrites(old -> old, 0, 8)),
        TEAR("on write sectors 2048..2055 nth 2 tear keep 3 sectors", d -> d.hasAfterTwoWrites(old -> old, 3, 8)),
        MISDIRECT("on write sectors 2048..2055 nth 2 misdirect by 8", d -> {
            d.write(2056, 8, 7);
            boolean struck = d.hasAfterTwoWrites(old -> old, 0, 8);
            assertThat(d.read(2056, 8)).isEqualTo(bytes(8, struck ? 2 : 7));
            return struck;
        }),
        MISDIRECT_READ("on read sectors 2048..2055 misdirect by 8", d -> {
            d.write(2056, 8, 7);
            return d.hasAfterTwoWrites(old -> 7, 0, 8);
        }),
        STALE("on read sectors 2048..2055 stale", d -> d.hasAfterTwoWrites(old -> old, 0, 8)),
        BAD_SECTOR("on read sectors 2048..2055 bad-sector", d -> {
            boolean struck = d.fails(() -> d.read(2048, 8));
            d.write(2048, 8, 1);
            assertThat(d.read(2048, 8)).as("a write heals it").isEqualTo(bytes(8, 1));
            return struck;
        });

        private final String rule;
        private final Strikes strikes;

        Effect(String rule, Strikes strikes) {
            this.rule = rule;
            this.strikes = strikes;
        }
    }

    private interface Strikes {
        boolean on(Device device) throws Exception;
    }

    private interface Io {
        void run() throws Exception;
    }

    private interface Old {
        int content(int old);
    }

    /** A device past the page cache. */
    private static final class Device implements AutoCloseable {
        final RemoteDisk disk;
        final FileChannel plain;
        final FileChannel through;

        Device(RemoteDisk disk) throws IOException {
            this.disk = disk;
            this.plain = FileChannel.open(
                    disk.device(), ExtendedOpenOption.DIRECT, StandardOpenOption.READ, StandardOpenOption.WRITE);
            this.through = FileChannel.open(
                    disk.device(), ExtendedOpenOption.DIRECT, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
        }

        byte[] read(long sector, int count) throws IOException {
            ByteBuffer into = buffer(count);
            assertThat(plain.read(into, sector * 512)).isEqualTo(count * 512);
            byte[] read = new byte[count * 512];
            into.flip().get(read);
            return read;
        }

        void write(long sector, int count, int content) throws IOException {
            write(plain, sector, count, content);
        }

        void writeAndForce(int content) throws IOException {
            write(2048, 8, content);
            plain.force(false);
        }

        void writeThrough(int content) throws IOException {
            write(through, 2048, 8, content);
        }

        private static void write(FileChannel to, long sector, int count, int content) throws IOException {
            ByteBuffer from = buffer(count);
            from.put(bytes(count, content)).flip();
            assertThat(to.write(from, sector * 512)).isEqualTo(count * 512);
        }

        private static ByteBuffer buffer(int count) {
            return ByteBuffer.allocateDirect(count * 512 + 4096)
                    .alignedSlice(4096)
                    .limit(count * 512);
        }

        boolean fails(Io io) throws Exception {
            try {
                io.run();
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        boolean isSlow(Duration limit, Io io) throws Exception {
            long start = System.nanoTime();
            io.run();
            return System.nanoTime() - start >= limit.toNanos();
        }

        boolean isHeld() throws Exception {
            TimeLimitedTask<Boolean> writer = TimeLimitedTask.start("writer", () -> {
                write(2048, 8, 1);
                return true;
            });
            if (disk.rules().reports().isEmpty()) {
                return !writer.await(PATIENCE);
            }
            assertThat(disk.rules().awaitHeld("it", PATIENCE)).isEqualTo(1);
            assertThat(writer.await(Duration.ofMillis(200))).isFalse();
            assertThat(disk.rules().release("it")).isEqualTo(1);
            assertThat(writer.await(PATIENCE)).isTrue();
            return true;
        }

        boolean isLost(Io io) throws Exception {
            write(2048, 8, 9);
            disk.rules().clear(); // an honest flush first
            plain.force(false);
            if (!pending.isEmpty()) {
                disk.rules().add(pending);
            }
            io.run();
            if (!pending.isEmpty()) {
                assertThat(disk.rules().awaitFired("it", 1, PATIENCE)).isPositive();
            }
            disk.powerCut("none", 0);
            disk.powerOn();
            byte[] left = read(2048, 8);
            assertThat(left).isIn(bytes(8, 9), bytes(8, 1));
            return Arrays.equals(left, bytes(8, 9));
        }

        /** The rule that is armed; empty for none. */
        String pending = "";

        boolean readsWrong() throws IOException {
            write(2048, 8, 0x55);
            byte[] first = read(2048, 8);
            assertThat(read(2048, 8)).as("a reread agrees").isEqualTo(first);
            return !Arrays.equals(first, bytes(8, 0x55));
        }

        /** Whether after writes of 1 and of 2 the sectors from {@code from} to {@code to} have something else than 2. */
        boolean hasAfterTwoWrites(Old wrong, int from, int to) throws IOException {
            write(2048, 8, 1);
            write(2048, 8, 2);
            byte[] broken = bytes(8, 2);
            Arrays.fill(broken, from * 512, to * 512, (byte) wrong.content(1));
            byte[] found = read(2048, 8);
            assertThat(found).isIn(broken, bytes(8, 2));
            return Arrays.equals(found, broken);
        }

        @Override
        public void close() throws IOException {
            plain.close();
            through.close();
        }
    }

    @BeforeAll
    static void create() throws DiskException {
        raw = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder().size("16MiB").seed(1).build());
    }

    @AfterAll
    static void nothingIsLeft() throws DiskException {
        assertThat(raw.delete()).isEmpty();
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void strikesWithItsRuleAndNotWithout(Effect effect) throws Exception {
        raw.rules().clear();
        try (Device device = new Device(raw)) {
            assertThat(effect.strikes.on(device)).as("without the rule").isFalse();
            int journaled = raw.faults().size();
            device.pending = "rule it: " + effect.rule;
            raw.rules().add(device.pending);
            assertThat(effect.strikes.on(device)).as(effect.rule).isTrue();
            assertThat(raw.rules().reports()).extracting(RuleReport::name).containsExactly("it");
            assertThat(raw.rules().reports().get(0).fired()).isPositive();
            List<FaultEvent> faults = raw.faults();
            assertThat(faults.subList(journaled, faults.size()))
                    .as("what the journal says of it")
                    .isNotEmpty()
                    .allMatch(fault ->
                            fault.rule().equals("it") && !fault.change().isEmpty() && fault.request() > 0);
            raw.rules().clear();
            device.pending = "";
            assertThat(effect.strikes.on(device)).as("when the rule has gone").isFalse();
        } finally {
            raw.rules().clear();
        }
    }

    @Test
    void aFileThatWasForcedIsGoneAfterAPowerCutOfALyingDrive() throws Exception {
        assertThat(isThereAfterAForceAndACut("")).isTrue();
        assertThat(isThereAfterAForceAndACut("rule liar: on flush,fua lie")).isFalse();
    }

    private static boolean isThereAfterAForceAndACut(String script) throws IOException {
        RemoteDisk disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder()
                        .size("32MiB")
                        .fileSystem(FileSystem.EXT4)
                        .script(script)
                        .seed(1)
                        .build());
        Path file = disk.mountPoint().orElseThrow().resolve("wal");
        try (FileChannel wal = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            wal.write(ByteBuffer.wrap(new byte[8192]));
            wal.force(true);
        }
        if (!script.isEmpty()) {
            assertThat(disk.rules().awaitFired("liar", 1, PATIENCE)).isPositive();
        }
        disk.powerCut("none", 1);
        disk.rules().clear();
        disk.unmount();
        disk.powerOn();
        Path again = disk.mount().resolve("wal");
        boolean there = Files.exists(again) && Files.size(again) == 8192;
        disk.delete();
        return there;
    }

    @Test
    void aFlushThatIsHeldHoldsAForceAndFailsItOnDemand() throws Exception {
        RemoteDisk disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder()
                        .size("32MiB")
                        .fileSystem(FileSystem.EXT4)
                        .build());
        Path file = disk.mountPoint().orElseThrow().resolve("wal");
        Files.write(file, new byte[4096]);
        disk.rules().add("rule stuck: on write,flush,fua hold");
        TimeLimitedTask<Boolean> force = TimeLimitedTask.start("force", () -> {
            try (FileChannel wal = FileChannel.open(file, StandardOpenOption.WRITE)) {
                wal.force(true);
            }
            return true;
        });
        assertThat(disk.rules().awaitHeld("stuck", PATIENCE)).isPositive();
        assertThat(force.await(Duration.ofMillis(200))).isFalse();
        assertThat(disk.rules().failHeld("stuck", "IO")).isPositive();
        disk.rules().clear();
        assertThat(force.await(PATIENCE)).isTrue();
        assertThatThrownBy(force::result).hasMessageContaining("Input/output error");
        assertThatThrownBy(() -> disk.rules().awaitHeld("stuck", Duration.ofSeconds(1)))
                .hasMessageContaining("no rule 'stuck'");
        disk.delete();
    }

    @Test
    void aRequestThatIsHeldCanBeLookedAtAndGoesOnWhenItsRuleIsReplaced() throws Exception {
        raw.rules().clear();
        raw.rules().add("rule stuck: on write hold");
        try (Device device = new Device(raw)) {
            TimeLimitedTask<Boolean> write = TimeLimitedTask.start("write", () -> {
                device.write(2048, 8, 5);
                return true;
            });
            List<String> heard = new CopyOnWriteArrayList<>();
            JournalFollower follower =
                    raw.onFault(f -> heard.add(f.operation().word() + " " + f.sector() + " " + f.change()));
            assertThat(raw.rules().awaitHeld("stuck", PATIENCE)).isEqualTo(1);
            HeldRequest held = raw.rules().held("stuck").get(0);
            assertThat(held.operation()).isEqualTo(Operation.WRITE);
            assertThat(held.sector()).isEqualTo(2048);
            assertThat(held.lengthBytes()).isEqualTo(4096);
            raw.rules().replace("rule stuck: on write fail NOSPC");
            assertThat(write.await(PATIENCE)).isTrue();
            assertThat(device.read(2048, 8)).isEqualTo(bytes(8, 5));
            assertThatThrownBy(() -> device.write(2048, 8, 6)).hasMessageContaining("No space left");
            assertThat(raw.rules().held("stuck")).isEmpty();
            assertThat(TimeLimitedTask.until(PATIENCE, () -> heard.contains("write 2048 fails with NOSPC")))
                    .as("%s", heard)
                    .isTrue();
            follower.close();
            assertThatThrownBy(() -> raw.rules().replace("rule stuk: on write note"))
                    .hasMessageContaining("did you mean 'stuck'");
        } finally {
            raw.rules().clear();
        }
    }

    @Test
    void damageAtRestIsSeenPastThePageCacheAndHealedByAWrite() throws Exception {
        raw.rules().clear();
        try (Device device = new Device(raw)) {
            device.write(2048, 8, 1);
            String changed = raw.damage(2048 * 512 + 100, 1, "flip", OptionalLong.of(7));
            assertThat(changed).startsWith("sector 2048 byte 100: 0x01 -> ").endsWith("; 1 byte in all");
            byte[] now = device.read(2048, 8);
            assertThat(now[100]).isNotEqualTo((byte) 1);
            now[100] = 1;
            assertThat(now).isEqualTo(bytes(8, 1));
            assertThat(raw.journalOfEvents())
                    .last()
                    .matches(e -> e.kind() == Entry.Kind.DAMAGE && e.sector() == 2048)
                    .extracting(Entry::text)
                    .isEqualTo("flip: " + changed);
            device.write(2048, 8, 1);
            assertThat(device.read(2048, 8)).isEqualTo(bytes(8, 1));
            assertThatThrownBy(() -> raw.damage(16 << 20, 1, "flip", OptionalLong.empty()))
                    .hasMessageContaining("16777215");
        }
    }

    @Test
    void aTimelineRunsOnARealDevice() throws Exception {
        raw.rules().clear();
        raw.rules()
                .addScript("at flush 2 power-cut keep none\n"
                        + "at mark \"back\" power-on\n"
                        + "at mark \"back\" rule bad: on read sectors 64..71 fail MEDIUM\n"
                        + "after 300ms rule late: on read sectors 128..135 note");
        try (Device device = new Device(raw)) {
            device.write(64, 8, 3);
            device.plain.force(false);
            device.write(64, 8, 4);
            assertThatThrownBy(() -> device.plain.force(false)).isInstanceOf(IOException.class);
            assertThat(raw.stats().poweredOn()).isFalse();
            assertThat(raw.mark("bakc")).isZero();
            assertThat(raw.mark("back")).isEqualTo(2);
            assertThat(device.fails(() -> device.read(64, 8))).isTrue();
            raw.rules().remove("bad");
            assertThat(device.read(64, 8))
                    .as("what the first flush made durable")
                    .isEqualTo(bytes(8, 3));
            assertThat(TimeLimitedTask.until(PATIENCE, () -> hasRule("late"))).isTrue();
            assertThat(raw.rules().timeline()).hasSize(4).allMatch(StepReport::isDone);
        } finally {
            raw.rules().clear();
        }
    }

    private static boolean hasRule(String name) {
        try {
            return raw.rules().reports().stream().anyMatch(rule -> rule.name().equals(name));
        } catch (DiskException e) {
            return false;
        }
    }

    private static byte[] bytes(int sectors, int content) {
        byte[] bytes = new byte[sectors * 512];
        Arrays.fill(bytes, (byte) content);
        return bytes;
    }
}
