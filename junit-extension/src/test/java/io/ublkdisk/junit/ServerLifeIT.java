package io.ublkdisk.junit;

import static io.ublkdisk.block.Recovery.REISSUE;
import static io.ublkdisk.block.Recovery.USER_RECOVERY;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that kill the server of their disk. */
@Timeout(120)
class ServerLifeIT {
    @Test
    void writerNoticesNothingButTheTime(@UblkDisk(size = "64MiB", mount = EXT4, recovery = REISSUE) Disk disk)
            throws Exception {
        Path file = disk.path("file");
        Files.writeString(file, "before");
        long first = disk.server().pid();
        disk.server().kill();
        assertThat(disk.server().isAlive()).isFalse();
        CompletableFuture<Void> write = CompletableFuture.runAsync(() -> force(file, "after"));
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(write).isNotDone();
        disk.server().recover();
        write.get(60, TimeUnit.SECONDS);
        assertThat(disk.server().isAlive()).isTrue();
        assertThat(disk.server().pid()).isNotEqualTo(first);
        disk.remount();
        assertThat(file).hasContent("after");
        assertThatThrownBy(() -> disk.server().recover()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ruleThatHasFiredBeforeTheDeathIsProven(
            @UblkDisk(
                            size = "16MiB",
                            recovery = USER_RECOVERY,
                            faults = "rule bad: on read sectors 16384..16391 fail MEDIUM")
                    Disk disk)
            throws IOException {
        assertThatThrownBy(() -> read(disk)).isInstanceOf(IOException.class);
        disk.server().kill();
        disk.server().recover();
        assertThat(disk.faults().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.fired()).isZero());
    }

    private static Path deadDevice;
    private static Path deadMountPoint;

    /** No test recovers it, and it is taken away all the same: see {@link #theDeadDiskIsGone}. */
    @Test
    void diskThatIsDeadAtTheEndIsTakenAway(@UblkDisk(size = "64MiB", mount = EXT4, recovery = REISSUE) Disk disk)
            throws IOException {
        force(Files.createFile(disk.path("file")), "text");
        deadDevice = disk.device();
        deadMountPoint = disk.mountPoint();
        assertThat(deadDevice).exists();
        disk.server().kill();
    }

    @AfterAll
    static void theDeadDiskIsGone() throws IOException {
        if (deadDevice != null) { // else its test was not among those that ran
            assertThat(Files.readAllLines(Path.of("/proc/self/mounts")))
                    .noneMatch(line -> line.contains(" " + deadMountPoint + " "));
            await(() -> !Files.exists(deadDevice));
            assertThat(deadDevice).doesNotExist();
        }
    }

    private static void await(BooleanSupplier done) {
        for (int i = 0; i < 200 && !done.getAsBoolean(); i++) {
            LockSupport.parkNanos(100_000_000);
        }
    }

    @Test
    void diskWithoutRecoveryKeepsItsServer(@UblkDisk(size = "1MiB") Disk disk) {
        assertThat(disk.server().isAlive()).isTrue();
        assertThatThrownBy(() -> disk.server().kill())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("recovery = REISSUE");
    }

    private static void read(Disk disk) throws IOException {
        try (FileChannel channel = FileChannel.open(disk.device(), StandardOpenOption.READ)) {
            channel.read(ByteBuffer.allocate(4096), 8 << 20);
        }
    }

    private static void force(Path file, String text) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(text.getBytes()));
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
