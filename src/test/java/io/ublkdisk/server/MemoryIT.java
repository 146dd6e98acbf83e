package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.nio.file.ExtendedOpenOption;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What disks hold outside the Java heap is counted, and given back: to the next disk, and to the system when there is none. */
@Timeout(180)
class MemoryIT {
    private static final long MIB = 1 << 20;
    private static final int WRITTEN_MIB = 300;

    @Test
    void whatADiskHoldsIsCountedAndGivenBack() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk small = disk(server, 16);
            long before = small.stats().memoryUsedBytes();
            RemoteDisk big = disk(server, 512);
            write(big);
            assertThat(small.stats().memoryUsedBytes() - before).isBetween(WRITTEN_MIB * MIB, (WRITTEN_MIB + 2) * MIB);
            big.snapshot("as it is");
            assertThat(small.stats().memoryUsedBytes() - before)
                    .as("a snapshot shares its pages")
                    .isBetween(WRITTEN_MIB * MIB, (WRITTEN_MIB + 2) * MIB);

            big.delete();
            assertThat(small.stats().memoryUsedBytes()).isEqualTo(before);
            assertThat(small.stats().memoryReservedBytes())
                    .as("kept for the next disk")
                    .isGreaterThanOrEqualTo(WRITTEN_MIB * MIB);

            small.delete();
            assertThat(TimeLimitedTask.until(Duration.ofSeconds(20), () -> reserved(server) < 16 * MIB))
                    .as("a server without disks has given its memory back")
                    .isTrue();
        }
    }

    /** A disk of 64 GiB, written to here and there, and a snapshot after each write: 10,000 with {@code -Dublkdisk.all=true}. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void manySnapshotsOfALargeSparseDiskStayUnderAGibibyte() throws Exception {
        int count = Boolean.getBoolean("ublkdisk.all") ? 10_000 : 100;
        long diskMib = 64 << 10;
        SplittableRandom random = new SplittableRandom(1);
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk disk = disk(server, (int) diskMib);
            ByteBuffer page = ByteBuffer.allocateDirect(8192).alignedSlice(4096).limit(4096);
            long[] places = random.longs(count, 0, diskMib * MIB / 4096).toArray();
            try (FileChannel channel = FileChannel.open(
                    disk.device(), StandardOpenOption.READ, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
                for (int i = 0; i < count; i++) {
                    channel.write(page.putInt(0, i + 1).position(0), places[i] * 4096);
                    disk.snapshot("after " + i);
                }
            }
            long resident = kernelCount(server.pid(), "status", "VmRSS");
            System.out.printf(
                    "%d snapshots of a disk of 64 GiB: the server has %d MiB, of which pages %d MiB%n",
                    count, resident / MIB, disk.stats().memoryUsedBytes() / MIB);
            assertThat(resident).isLessThan(1024 * MIB);

            disk.rewind("after " + count / 2);
            try (FileChannel channel =
                    FileChannel.open(disk.device(), StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
                for (int i : new int[] {0, count / 2, count / 2 + 1, count - 1}) {
                    channel.read(page.clear().limit(4096), places[i] * 4096);
                    assertThat(page.getInt(0)).as("write " + i).isEqualTo(i <= count / 2 ? i + 1 : 0);
                }
            }
            disk.delete();
        }
    }

    /** Beside the kernel's count of what a server has locked in memory, which is its buffers and nothing else. */
    @Test
    void whatTheBuffersOfRequestsTakeIsCountedAndGivenBack() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk disk = disk(server, 512);
            long before = disk.stats().memoryBufferBytes();
            write(disk);
            long after = disk.stats().memoryBufferBytes();
            assertThat(after - before).as("requests of a MiB").isBetween(MIB / 2, 64 * MIB);
            assertThat(after).isEqualTo(kernelCount(server.pid(), "smaps_rollup", "Locked"));
            disk.delete();
            assertThat(kernelCount(server.pid(), "smaps_rollup", "Locked")).isZero();
        }
    }

    private static long kernelCount(long pid, String file, String name) throws IOException {
        String text = Files.readString(Path.of("/proc/" + pid + "/" + file));
        Matcher count = Pattern.compile(name + ":\\s+(\\d+) kB").matcher(text);
        assertThat(count.find()).isTrue();
        return Long.parseLong(count.group(1)) << 10;
    }

    /** A disk has to ask; one that holds nothing changes nothing. */
    private static long reserved(ServerProcess server) {
        try {
            RemoteDisk asking = disk(server, 16);
            long bytes = asking.stats().memoryReservedBytes();
            asking.delete();
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RemoteDisk disk(ServerProcess server, int mib) throws IOException {
        return server.connection().create(DiskSpec.builder().size(mib + "MiB").build());
    }

    private static void write(RemoteDisk disk) throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(2 << 20).alignedSlice(4096).limit(1 << 20);
        for (int i = 0; i < data.limit(); i += 8) {
            data.putLong(i, i + 1);
        }
        try (FileChannel channel =
                FileChannel.open(disk.device(), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (int i = 0; i < WRITTEN_MIB; i++) {
                channel.write(data.position(0), i * MIB);
            }
            channel.force(false);
        }
    }
}
