package io.ublkdisk.example;

import static io.ublkdisk.junit.FilePart.file;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.UblkDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Faults that are armed while the program runs. */
class LiveFaultsTest {
    @Test
    void faultsOfAFileARecordAndAMoment(@UblkDisk(size = "64MiB", mount = EXT4) Disk disk) throws Exception {
        Path wal = disk.path("wal");
        write(wal, 0, new byte[64 << 10]);
        disk.faults().on(file(wal).bytes(8192, 12287)).add("on read fail MEDIUM"); // these bytes of that file
        disk.faults().add("on write containing \"commit 7;\" tear keep 1 sector"); // that record, wherever it goes
        disk.evict();
        assertThrows(IOException.class, () -> Files.readAllBytes(wal));

        write(wal, 16 << 10, ("commit 7;" + ".".repeat(4087)).getBytes(UTF_8));

        disk.faults().add("rule commit: on fua hold"); // a breakpoint in the disk
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> writeUnchecked(disk.path("more")));
        disk.faults().awaitHeld("commit", ofSeconds(60)).powerOff(); // the power goes just there
        assertThrows(ExecutionException.class, () -> writer.get(60, TimeUnit.SECONDS));
        disk.faults().clear();
        disk.powerOn();
    }

    private static void writeUnchecked(Path file) {
        try {
            write(file, 0, new byte[4096]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, long at, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, CREATE, WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
            channel.force(true);
        }
    }
}
