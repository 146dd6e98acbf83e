package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.junit.engine.campaign.WriteBackSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What write-back schedules are made of: a read past the page cache writes pages of its range, and nothing is flushed. */
@Timeout(120)
class WriteBackIT {
    @Test
    void writesPiecesOfAFileOnExt4(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        writesPieces(disk);
    }

    @Test
    void writesPiecesOfAFileOnXfs(@UblkDisk(size = "300MiB", mount = XFS) Disk disk) throws IOException {
        writesPieces(disk);
    }

    private static void writesPieces(Disk disk) throws IOException {
        Path file = Files.write(disk.path("file"), Bytes.filled(64 * 4096, 1));
        long flushes = disk.stats().flushes();
        long written = disk.stats().writtenBytes();
        WriteBackSchedule.write(file, 16, 32);
        assertThat(disk.stats().writtenBytes() - written).isBetween(32L * 4096, 64L * 4096);
        assertThat(disk.stats().flushes()).isEqualTo(flushes);
    }

    @Test
    void mkfsOptionsOfTheAnnotationReachMkfs(@UblkDisk(size = "32MiB", mount = EXT4, mkfsOptions = "-b 4096") Disk disk)
            throws IOException {
        assertThat(Files.getFileStore(disk.mountPoint()).getBlockSize()).isEqualTo(4096);
    }
}
