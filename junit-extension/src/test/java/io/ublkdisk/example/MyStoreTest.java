package io.ublkdisk.example;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.junit.jupiter.api.Assertions.*;

import io.ublkdisk.junit.*;
import java.io.IOException;
import java.nio.file.*;
import org.junit.jupiter.api.Test;

class MyStoreTest {
    @Test
    void reportsAMediumErrorAndRecovers(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path file = disk.path("data");
        Files.writeString(file, "precious");
        disk.remount(); // nothing left in the page cache
        String bad = disk.faults().add("on read sectors 8192.. fail MEDIUM");
        assertThrows(IOException.class, () -> Files.readString(file)); // a real EIO, from a real ext4
        disk.faults().verify(bad).fired(); // and this rule caused it
        disk.faults().clear();
        assertEquals("precious", Files.readString(file));
    }
}
