package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program had promised when the power went. */
@Timeout(120)
class MarksAtCutIT {
    /** It forces each record, so each mark before the cut is a promise that holds; without power it is stopped at its next mark. */
    @Test
    void tellsWhichPromisesCameBeforeTheCutAndStopsTheProgram(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk)
            throws Exception {
        Path log = disk.path("log");
        disk.stopMarksAtCut();
        CompletableFuture<Integer> program = CompletableFuture.supplyAsync(() -> commit(disk, log));
        while (!Files.exists(log) || Files.size(log) < 3) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        disk.powerOff();
        assertThatThrownBy(() -> program.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .rootCause()
                .satisfiesAnyOf(
                        cause -> assertThat(cause).hasMessageContaining("is refused: the power of this disk was cut"),
                        cause -> assertThat(cause).isInstanceOf(IOException.class));
        List<String> promised = disk.marksAtCut();
        disk.powerOn();
        assertThat(promised).isNotEmpty();
        assertThat(Files.size(log)).as("what was promised").isGreaterThanOrEqualTo(promised.size());
        assertThatIllegalStateException()
                .isThrownBy(() -> disk.mark("too late"))
                .withMessageContaining("power is back");
        disk.stopMarksAtCut();
        disk.mark("again");
        assertThat(disk.marksAtCut()).isEqualTo(promised);
    }

    private static int commit(Disk disk, Path log) {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 1; i < 1_000_000; i++) {
                channel.write(ByteBuffer.wrap(new byte[] {(byte) i}));
                channel.force(true);
                disk.mark("" + i);
            }
            return 0;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A program that never forces acknowledges for many seconds after the cut, and marks what it likes: they are not counted. */
    @Test
    void marksAfterTheCutAreNotAmongThem(@UblkDisk(size = "1MiB") Disk disk) {
        assertThatIllegalStateException().isThrownBy(disk::marksAtCut).withMessageContaining("has not been cut");
        disk.mark("1");
        disk.powerOff();
        disk.mark("2");
        assertThat(disk.marksAtCut()).containsExactly("1");
    }

    @Test
    void aCutOfAScriptCountsToo(@UblkDisk(size = "1MiB", faults = "at flush 1 power-cut") Disk disk)
            throws IOException {
        disk.mark("1");
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, new byte[512]);
            assertThatThrownBy(device::flush).isInstanceOf(IOException.class);
        }
        disk.mark("2");
        assertThat(disk.marksAtCut()).containsExactly("1");
    }
}
