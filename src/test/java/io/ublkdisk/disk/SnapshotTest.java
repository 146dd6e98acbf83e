package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.media.PagePool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    @Test
    void goesBackAsOftenAsAsked() {
        Drive drive = Drive.builder().sizeBytes(1 << 20).build();
        Host host = new Host(drive);
        host.write(0, sectors(8, 1));
        Snapshot snapshot = drive.snapshot();
        for (int i = 2; i < 5; i++) {
            host.write(0, sectors(8, i));
            drive.rewind(snapshot);
            assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
            assertThat(drive.cache().unflushed()).isEmpty();
            drive.powerCut(SurvivalPolicy.none());
            drive.cache().powerOn();
            assertThat(host.read(0, 8)).as("all of it is durable").isEqualTo(sectors(8, 1));
        }
        snapshot.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> drive.rewind(snapshot))
                .withMessageContaining("closed");
        assertThat(host.read(0, 8)).isEqualTo(sectors(8, 1));
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    @Test
    void makesDrivesThatOutliveIt() {
        PagePool pool = new PagePool();
        Drive template = Drive.builder().sizeBytes(1 << 20).pool(pool).build();
        new Host(template).write(5, sectors(3, 9));
        Snapshot formatted = template.snapshot();
        template.close();
        Drive one = Drive.builder().from(formatted).build();
        Drive other = Drive.builder().from(formatted).sizeBytes(1 << 20).build();
        formatted.close();

        new Host(one).write(5, sectors(1, 1));
        assertThat(new Host(other).read(5, 3)).isEqualTo(sectors(3, 9));
        assertThat(one.pool()).isSameAs(pool);
        one.close();
        other.close();
        assertThat(pool.usedPages()).isZero();
    }

    @Test
    void refusesASnapshotOfAnotherSize() {
        try (Drive small = Drive.builder().sizeBytes(8192).build();
                Drive large = Drive.builder().sizeBytes(16384).build();
                Snapshot snapshot = small.snapshot()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> large.rewind(snapshot))
                    .withMessageContaining("8192")
                    .withMessageContaining("16384");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> Drive.builder().from(snapshot).sizeBytes(4096).build())
                    .withMessageContaining("4096");
        }
    }

    @Test
    void refusesASnapshotFromAnotherPool() {
        try (Drive one = Drive.builder().sizeBytes(8192).build();
                Drive other = Drive.builder().sizeBytes(8192).build();
                Drive sibling =
                        Drive.builder().sizeBytes(8192).pool(other.pool()).build();
                Snapshot snapshot = other.snapshot()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> one.rewind(snapshot))
                    .withMessageContaining("this disk");
            sibling.rewind(snapshot);
        }
    }

    @Test
    void forksWhatReadsSeeAndMakesItDurable() {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).build()) {
            new Host(drive).write(0, sectors(1, 1));
            try (Drive fork = drive.fork()) {
                assertThat(fork.cache().unflushed()).isEmpty();
                fork.powerCut(SurvivalPolicy.none());
                fork.cache().powerOn();
                assertThat(new Host(fork).read(0, 1)).isEqualTo(sectors(1, 1));
            }
            assertThat(drive.cache().unflushed()).hasSize(1);
        }
    }

    /** Law: a 64 GiB sparse disk with 10,000 snapshots, each after small writes, stays below 1 GiB; all of it comes back. */
    @Test
    void keepsTenThousandSnapshotsOfA64GibDiskBelow1Gib() {
        Drive drive = Drive.builder().sizeBytes(64L << 30).build();
        Host host = new Host(drive);
        SplittableRandom random = new SplittableRandom(1);
        Deque<Snapshot> snapshots = new ArrayDeque<>();
        System.gc();
        long before = heapBytes();
        for (int i = 0; i < 10_000; i++) {
            for (int n = 0; n < 4; n++) {
                host.write(random.nextLong((64L << 21) - 8), sectors(1 + n % 2, i));
            }
            if (i % 2 == 0) {
                host.flush();
            }
            snapshots.add(drive.snapshot());
        }
        System.gc();
        assertThat(heapBytes() - before + drive.pool().reservedBytes()).isLessThan(1L << 30);
        snapshots.forEach(Snapshot::close);
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    /** A snapshot takes no longer on a full disk than on an empty one. */
    @Test
    void costsTheSameHoweverMuchIsOnTheDisk() {
        try (Drive drive = Drive.builder().sizeBytes(1L << 30).cacheBytes(0).build()) {
            Host host = new Host(drive);
            byte[] data = sectors(2048, 1);
            for (int sector = 0; sector < 65 * 2048; sector += 2048) {
                host.write(sector, data);
            }
            long used = drive.pool().usedPages();
            List<Snapshot> snapshots = new ArrayList<>();
            for (int i = 0; i < 100_000; i++) {
                snapshots.add(drive.snapshot());
            }
            assertThat(drive.pool().usedPages()).isEqualTo(used);
            snapshots.forEach(Snapshot::close);
        }
    }

    private static long heapBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
