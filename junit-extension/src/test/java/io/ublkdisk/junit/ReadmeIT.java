package io.ublkdisk.junit;

import static io.ublkdisk.control.FileSystem.EXT4;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The first code of the README, word for word. */
class ReadmeIT {
    @Test
    void reportsAMediumErrorAndRecovers(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path file = disk.mountPoint().resolve("data");
        Files.writeString(file, "precious");
        disk.remount(); // nothing left in the page cache
        String bad = disk.faults().add("on read sectors 8192.. fail MEDIUM");
        assertThrows(IOException.class, () -> Files.readString(file)); // a real EIO, from a real ext4
        disk.faults().verify(bad).fired(); // and it was ours
        disk.faults().clear();
        assertEquals("precious", Files.readString(file));
    }
}
