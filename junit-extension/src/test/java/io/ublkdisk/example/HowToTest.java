package io.ublkdisk.example;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.UblkDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The tests of the pages in docs/how-to. */
class HowToTest {
    @Test
    void forceFailsOnceAndThenSucceeds(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path log = disk.path("log");
        Files.writeString(log, "old record");
        disk.remount();
        String bad = disk.faults().add("on write containing \"new record\" fail IO");
        try (FileChannel channel = FileChannel.open(log, WRITE)) {
            channel.write(UTF_8.encode("new record"), 0);
            assertThrows(IOException.class, () -> channel.force(true)); // the error is reported once
            channel.force(true); // and then forgotten
        }
        disk.faults().verify(bad).fired();
        disk.faults().clear();
        disk.evict();
        assertEquals("old record", Files.readString(log)); // the write is lost
    }

    @Test
    void halfOfThePageIsOld(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path table = disk.path("table");
        Files.writeString(table, "A".repeat(4096));
        disk.remount();
        String torn = disk.faults().add("on write containing \"BBBBBBBB\" tear keep 4 sectors");
        try (FileChannel channel = FileChannel.open(table, WRITE)) {
            channel.write(UTF_8.encode("B".repeat(4096)), 0);
            channel.force(true); // no error: the disk acknowledged it
        }
        disk.faults().verify(torn).fired();
        disk.evict();
        assertEquals("B".repeat(2048) + "A".repeat(2048), Files.readString(table));
    }

    @Test
    void theDiskIsFull(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        String full = disk.faults().add("on write containing \"one more\" fail NOSPC");
        try (FileChannel channel = FileChannel.open(disk.path("log"), CREATE, WRITE)) {
            channel.write(UTF_8.encode("one more"));
            assertThrows(IOException.class, () -> channel.force(true)); // No space left on device
        }
        disk.faults().verify(full).fired();
    }

    @Test
    void aReadTakesLong(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path file = disk.path("data");
        Files.writeString(file, "precious");
        disk.remount(); // nothing left in the page cache
        String slow = disk.faults().add("on read delay 200ms");
        long before = System.nanoTime();
        assertEquals("precious", Files.readString(file));
        assertTrue(System.nanoTime() - before >= 200_000_000);
        disk.faults().verify(slow).fired();
    }

    @Test
    void theRecordIsMetWhereverItGoes(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        String bad = disk.faults().add("on write containing \"commit 7;\" fail IO");
        try (FileChannel channel = FileChannel.open(disk.path("wal"), CREATE, WRITE)) {
            channel.write(UTF_8.encode("commit 6;"));
            channel.force(true);
            channel.write(UTF_8.encode("commit 7;"));
            assertThrows(IOException.class, () -> channel.force(true));
        }
        disk.faults().verify(bad).fired();
    }

    @Test
    void aSectorOfARawDeviceIsBad(@UblkDisk(size = "16MiB") Disk disk) throws Exception {
        String bad = disk.faults().add("on read sectors 2048..2055 fail MEDIUM");
        try (FileChannel device = FileChannel.open(disk.device(), READ)) {
            ByteBuffer block = ByteBuffer.allocate(4096);
            assertThrows(IOException.class, () -> device.read(block, 2048 * 512L));
        }
        disk.faults().verify(bad).fired();
    }
}
