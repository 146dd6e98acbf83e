package io.ublkdisk.example;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.*;
import static org.junit.jupiter.api.Assertions.*;

import io.ublkdisk.junit.*;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.util.List;
import org.junit.jupiter.api.Test;

class MyLogTest {
    @Test
    void keepsWhatItForced(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path log = disk.path("log");
        try (FileChannel channel = FileChannel.open(log, CREATE_NEW, WRITE)) {
            channel.write(UTF_8.encode("kept\n"));
            channel.force(true); // fsync: from here on it is promised
            channel.write(UTF_8.encode("lost\n")); // written, not forced
        }
        disk.powerCut(); // off, on, and mounted again
        assertEquals(List.of("kept"), Files.readAllLines(log));
    }
}
