package io.ublkdisk.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Seed;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Host;
import io.ublkdisk.disk.Recording;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.media.PageRun;
import io.ublkdisk.script.Script;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a drive shows as durable, in which order, and that doing it again makes the same disk. */
class DurableOrderTest {
    private static final int SECTORS = 64;

    /** Does what it is shown, and writes down what that was. */
    private static final class Follower implements DurableOrder.Output {
        final byte[] disk = new byte[SECTORS * 512];
        final List<String> seen = new ArrayList<>();

        @Override
        public void contents(CowMedia bytes, boolean exchanged) {
            try (bytes) {
                ByteBuffer all = ByteBuffer.allocateDirect(disk.length);
                bytes.read(0, SECTORS, all, 0);
                all.get(0, disk);
            }
            seen.add(exchanged ? "exchanged" : "contents");
        }

        @Override
        public void changed(Operation operation, int flags, long sector, int sectorCount, PageRun data) {
            seen.add(operation.word() + " " + sector + "+" + sectorCount
                    + ((flags & Request.FUA) != 0 ? " fua" : "")
                    + ((flags & Request.META) != 0 ? " metadata" : ""));
            int from = (int) sector * 512;
            if (data == null) {
                Arrays.fill(disk, from, from + sectorCount * 512, (byte) 0);
                return;
            }
            try (data) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(sectorCount * 512);
                data.read(bytes);
                bytes.get(0, disk, from, sectorCount * 512);
            }
        }

        @Override
        public void flushed() {
            seen.add("flush");
        }

        @Override
        public void end(String why) {
            seen.add("end " + why);
        }
    }

    private static byte[] bytes(int sectors, int value) {
        byte[] bytes = new byte[sectors * 512];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static Drive drive(boolean cache) {
        return drive(new PagePool(), cache, 1);
    }

    private static Drive drive(PagePool pool, boolean cache, long seed) {
        return Drive.builder()
                .sizeBytes(SECTORS * 512)
                .volatileCache(cache)
                .pool(pool)
                .seed(seed)
                .build();
    }

    @Test
    void waitsForTheFlushThatCoversItAndForcedDoesNotWait() throws Exception {
        try (Drive drive = drive(true)) {
            Host host = new Host(drive);
            Host other = new Host(drive, 1);
            host.write(0, bytes(1, 1));
            Follower follower = new Follower();
            DurableOrder order = new DurableOrder(drive.pool(), follower, drive.cache());
            host.write(8, bytes(1, 2));
            host.writeFua(16, bytes(1, 3));
            drive.rules().addAll(List.of(Script.parseRule("rule slow: on flush delay 1s")));
            Host.OneRequest flush = host.send(Operation.FLUSH, 0, 0, 0);
            other.write(24, bytes(1, 4));
            assertThat(follower.seen).containsExactly("contents", "write 16+1 fua");
            flush.goOn();
            drive.rules().clear();
            other.discard(0, 4);
            other.writeZeroes(32, 2);
            order.close();
            order.close();
            host.write(40, bytes(1, 5));
            assertThat(follower.seen)
                    .containsExactly(
                            "contents",
                            "write 16+1 fua",
                            "write 0+1",
                            "write 8+1",
                            "flush",
                            "write 24+1",
                            "discard 0+4",
                            "write-zeroes 32+2",
                            "end ");
        }
    }

    @Test
    void aForcedWriteTakesAlongWhatItLiesUpon() throws Exception {
        try (Drive drive = drive(true)) {
            Host host = new Host(drive);
            Follower follower = new Follower();
            new DurableOrder(drive.pool(), follower, drive.cache());
            host.write(0, bytes(4, 1));
            host.write(20, bytes(1, 2));
            host.write(3, bytes(4, 3));
            host.writeFua(6, bytes(1, 4));
            assertThat(follower.seen).containsExactly("contents", "write 0+4", "write 3+4", "write 6+1 fua");
        }
    }

    @Test
    void aCutDropsWhatWaitsAndShowsWhatIsLeft() throws Exception {
        try (Drive drive = drive(true)) {
            Host host = new Host(drive);
            Follower follower = new Follower();
            new DurableOrder(drive.pool(), follower, drive.cache());
            host.write(0, bytes(1, 1));
            host.flush();
            host.write(1, bytes(1, 2));
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
            host.write(2, bytes(1, 3));
            host.flush();
            assertThat(follower.seen)
                    .containsExactly("contents", "write 0+1", "flush", "exchanged", "write 2+1", "flush");
            assertThat(follower.disk).isEqualTo(host.readAll());
        }
    }

    /** Whatever is asked: at the end the follower's disk is the drive's, and at a flush it has all that the flush covers. */
    @Property(tries = 300)
    void doingItAgainMakesTheSameDisk(
            @ForAll long seed, @ForAll boolean cache, @ForAll @IntRange(min = 1, max = 60) int steps) throws Exception {
        PagePool pool = new PagePool();
        Drive drive = drive(pool, cache, seed);
        Host host = new Host(drive);
        Follower follower = new Follower();
        DurableOrder order = new DurableOrder(drive.pool(), follower, drive.cache());
        for (int i = 0; i < steps; i++) {
            long chance = Seed.combine(seed, i);
            int sector = (int) Long.remainderUnsigned(chance, SECTORS - 9);
            int count = 1 + (int) Long.remainderUnsigned(chance >>> 16, 9);
            switch ((int) Long.remainderUnsigned(chance >>> 32, 10)) {
                case 0, 1, 2, 3 -> host.write(sector, bytes(count, i + 1));
                case 4, 5 -> host.writeFua(sector, bytes(count, i + 1));
                case 6 -> {
                    host.flush();
                    assertThat(follower.disk).isEqualTo(host.readAll());
                }
                case 7 -> host.discard(sector, count);
                case 8 -> host.writeZeroes(sector, count);
                default -> {
                    drive.powerCut(SurvivalPolicy.random(0.5, chance));
                    drive.cache().powerOn();
                    assertThat(follower.disk).isEqualTo(host.readAll());
                }
            }
        }
        order.close();
        assertThat(follower.disk).isEqualTo(host.readAll());
        drive.close();
        assertThat(pool.usedPages()).as("pages that nobody gave back").isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheFilesystemCallsMetadataIsShownAsThat(boolean cache) throws Exception {
        try (Drive drive = drive(cache)) {
            Host host = new Host(drive);
            host.send(Operation.WRITE, Request.META, 0, 1); // waits when it begins
            Follower follower = new Follower();
            new DurableOrder(drive.pool(), follower, drive.cache());
            host.send(Operation.WRITE, Request.META | Request.SWAP, 1, 1);
            host.send(Operation.WRITE, Request.META | Request.FUA, 2, 1);
            host.send(Operation.WRITE_ZEROES, Request.META, 3, 1);
            host.write(4, bytes(1, 1));
            host.flush();
            assertThat(follower.seen)
                    .isEqualTo(
                            cache
                                    ? List.of(
                                            "contents",
                                            "write 2+1 fua metadata",
                                            "write 0+1 metadata",
                                            "write 1+1 metadata",
                                            "write-zeroes 3+1 metadata",
                                            "write 4+1",
                                            "flush")
                                    : List.of(
                                            "contents",
                                            "write 1+1 fua metadata",
                                            "write 2+1 fua metadata",
                                            "write-zeroes 3+1 fua metadata",
                                            "write 4+1 fua",
                                            "flush"));
        }
    }

    /** A recording that is shown afterwards is what was shown while it went on, the mark where it was set. */
    @Property(tries = 300)
    void aRecordingShowsTheSame(
            @ForAll long seed, @ForAll boolean cache, @ForAll @IntRange(min = 1, max = 60) int steps) throws Exception {
        PagePool pool = new PagePool();
        Drive drive = drive(pool, cache, seed);
        Host host = new Host(drive);
        host.write(0, bytes(9, 1));
        Follower live = new Follower();
        DurableOrder order = new DurableOrder(drive.pool(), live, drive.cache());
        Recording recording = drive.record();
        boolean changed = cache; // a flush that has nothing to do is not recorded
        for (int i = 0; i < steps; i++) {
            long chance = Seed.combine(seed, i);
            int sector = (int) Long.remainderUnsigned(chance, SECTORS - 9);
            int count = 1 + (int) Long.remainderUnsigned(chance >>> 16, 9);
            int step = (int) Long.remainderUnsigned(chance >>> 32, 10);
            switch (step) {
                case 0, 1, 2 -> host.write(sector, bytes(count, i + 1));
                case 3, 4 -> host.writeFua(sector, bytes(count, i + 1));
                case 5, 6 -> {
                    if (changed) {
                        host.flush();
                    }
                }
                case 7 -> host.discard(sector, count);
                case 8 -> host.writeZeroes(sector, count);
                default -> {
                    recording.mark("mark " + i);
                    live.seen.add("mark " + i);
                }
            }
            changed = step == 9 ? changed : cache && step != 5 && step != 6;
        }
        order.close();
        recording.stop();
        Follower later = new Follower();
        recording.show(later, later.seen::add);
        assertThat(later.seen).isEqualTo(live.seen);
        assertThat(later.disk).isEqualTo(live.disk);
        recording.close();
        drive.close();
        assertThat(pool.usedPages()).as("pages that nobody gave back").isZero();
    }

    @Test
    void anHonestPartOfALyingFlushIsShown() throws Exception {
        try (Drive drive = drive(true)) {
            Host host = new Host(drive);
            Follower follower = new Follower();
            new DurableOrder(drive.pool(), follower, drive.cache());
            drive.rules().addAll(List.of(Script.parseRule("rule liar: on flush lie about sectors 0..7")));
            host.write(0, bytes(1, 1));
            host.write(8, bytes(1, 2));
            host.flush();
            assertThat(follower.seen).containsExactly("contents", "write 8+1");
        }
    }
}
