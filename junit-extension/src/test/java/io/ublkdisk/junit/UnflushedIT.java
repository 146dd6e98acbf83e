package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ublkdisk.block.Operation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a power cut would take, as the test is told and as it happens. */
@Timeout(180)
class UnflushedIT {
    private static final int PAGE = 4096;

    @Test
    void namesTheBytesOfFilesOnExt4(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        overwriteInPlace(disk);
    }

    @Test
    void namesTheBytesOfFilesOnXfs(@UblkDisk(size = "300MiB", mount = XFS) Disk disk) throws IOException {
        overwriteInPlace(disk);
    }

    /** Past the page cache, so that it is the disk's at once, and nobody forces it. */
    private static void overwriteInPlace(Disk disk) throws IOException {
        Path file = disk.path("file");
        Path other = disk.path("folder", "other");
        Files.createDirectory(other.getParent());
        for (Path each : new Path[] {file, other}) {
            Files.write(each, Bytes.filled(8 * PAGE, 1));
            force(each);
        }
        Unflushed unflushed = null;
        // Again if the filesystem chose that very moment to flush for reasons of its own.
        for (int round = 0; round < 10 && (unflushed == null || unflushed.isEmpty()); round++) {
            write(file, 2, 2);
            unflushed = disk.unflushed();
        }
        assertThat(unflushed.files()).containsExactly(file);
        assertThat(unflushed.count()).isEqualTo(1);
        assertThat(unflushed.lengthBytes()).isEqualTo(PAGE);
        assertThat(unflushed.writes().get(0).files())
                .containsExactly(FilePart.file(file).bytes(2 * PAGE, 3 * PAGE - 1));
        assertThat(unflushed.writes().get(0).change().operation()).isEqualTo(Operation.WRITE);
        assertThat(unflushed.sectors().last(0) - unflushed.sectors().first(0)).isEqualTo(7);
        assertThat(unflushed.toString()).contains("1 change, 4096 bytes", "bytes 8192..12287 of " + file);
        disk.powerCut();
        assertThat(Files.readAllBytes(file)).as("asking made nothing durable").isEqualTo(Bytes.filled(8 * PAGE, 1));
        write(file, 2, 3);
        force(file);
        assertThat(disk.unflushed().files()).isEmpty();
        disk.powerCut();
        assertThat(Files.readAllBytes(file)[2 * PAGE]).isEqualTo((byte) 3);
    }

    @Test
    void countsOnBtrfsWithoutNames(@UblkDisk(size = "128MiB", mount = BTRFS) Disk disk) throws IOException {
        Path file = disk.path("file");
        Files.write(file, new byte[8 * PAGE]);
        force(file);
        write(file, 2, 2);
        Unflushed unflushed = disk.unflushed();
        assertThat(unflushed.lengthBytes()).isGreaterThanOrEqualTo(PAGE);
        assertThat(unflushed.files()).isEmpty();
    }

    /** The cache holds sixteen pages; what is older has been written back, as drives do, and nobody promised it. */
    @Test
    void aSmallCacheWritesTheOldestBack(@UblkDisk(size = "1MiB", cacheSize = "64KiB") Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            for (int page = 0; page < 24; page++) {
                device.write((long) page * PAGE, Bytes.filled(PAGE, 1));
            }
        }
        Unflushed unflushed = disk.unflushed();
        assertThat(unflushed.count()).isEqualTo(16);
        assertThat(unflushed.sectors()).hasToString("64..191");
        disk.powerCut();
        try (RawDevice device = new RawDevice(disk.device())) {
            assertThat(device.read(0, 8 * PAGE)).containsOnly(1);
            assertThat(device.read(8L * PAGE, 16 * PAGE)).containsOnly(0);
        }
    }

    @Test
    void aDiskThatWritesThroughLosesNothing(@UblkDisk(size = "1MiB", volatileCache = false) Disk disk)
            throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, Bytes.filled(PAGE, 1));
        }
        Path queue = Path.of("/sys/block", disk.device().getFileName().toString(), "queue/write_cache");
        assertThat(queue).hasContent("write through");
        DiskAssertions.assertThat(disk).hasNothingUnflushed();
        assertThat(disk.powerCut()).contains("no volatile cache, so nothing could be lost");
        try (RawDevice device = new RawDevice(disk.device())) {
            assertThat(device.read(0, PAGE)).containsOnly(1);
        }
    }

    @Test
    void aPowerCutKeepsWhatItIsToldToKeep(@UblkDisk(size = "1MiB", seed = 3) Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            for (int page = 0; page < 4; page++) {
                device.write((long) page * PAGE, Bytes.filled(PAGE, 1));
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.powerCut("frist 2"))
                .withMessageContaining("first");
        assertThat(disk.stats().poweredOn()).isTrue();
        assertThat(disk.powerCut("first 2")).contains("2 unflushed changes lost");
        try (RawDevice device = new RawDevice(disk.device())) {
            assertThat(device.read(0, 2 * PAGE)).containsOnly(1);
            assertThat(device.read(2L * PAGE, 2 * PAGE)).containsOnly(0);
        }
    }

    private static void write(Path file, int page, int value) throws IOException {
        try (RawDevice direct = new RawDevice(file)) {
            direct.write((long) page * PAGE, Bytes.filled(PAGE, value));
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
