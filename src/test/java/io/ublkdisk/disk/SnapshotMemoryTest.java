package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What many snapshots cost. */
class SnapshotMemoryTest {
    private static final long GIB = 1L << 30;

    /** A disk of 64 GiB, written to here and there, and a snapshot after each write. */
    @Test
    void tenThousandSnapshotsOfASparseDiskStayUnderAGibibyte() {
        long heapBefore = usedHeapBytes();
        List<Snapshot> snapshots = new ArrayList<>();
        try (Drive drive = Drive.builder().sizeBytes(64 * GIB).build()) {
            Host host = new Host(drive);
            SplittableRandom random = new SplittableRandom(1);
            long nanos = 0;
            for (int i = 0; i < 10_000; i++) {
                host.write(random.nextLong(64 * GIB / 4096) * 8, sectors(8, i % 250 + 1));
                host.flush();
                long start = System.nanoTime();
                snapshots.add(drive.snapshot());
                nanos += System.nanoTime() - start;
            }
            long heap = usedHeapBytes() - heapBefore;
            long pages = drive.pool().reservedBytes();
            System.out.printf(
                    "10000 snapshots of 64 GiB: %d MiB of pages, %d MiB of heap, %.1f us each%n",
                    pages >> 20, heap >> 20, nanos / 1e7);
            assertThat(pages + heap).isLessThan(GIB);
            assertThat(heap).as("the snapshots are still there").isPositive();
            snapshots.forEach(Snapshot::close);
            host.discard(0, Integer.MAX_VALUE & ~7);
        }
    }

    private static long usedHeapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
