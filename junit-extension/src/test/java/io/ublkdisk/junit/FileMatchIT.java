package io.ublkdisk.junit;

import static io.ublkdisk.junit.FilePart.file;
import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static io.ublkdisk.junit.Times.atLeast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fault aimed at bytes of a file hits these bytes and no others; so does one aimed at what a write contains. */
@Timeout(120)
class FileMatchIT {
    private static final int SIZE = 65536;

    @Test
    void hitsItsBytesOnExt4(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        hitsItsBytesAndNoOthers(disk);
    }

    @Test
    void hitsItsBytesOnXfs(@UblkDisk(size = "300MiB", mount = XFS) Disk disk) throws IOException {
        hitsItsBytesAndNoOthers(disk);
    }

    /** The rules are on read after evict(): the bytes that were aimed at fail, and they are neither lost nor others'. */
    private static void hitsItsBytesAndNoOthers(Disk disk) throws IOException {
        Path other = Files.write(disk.path("other"), Bytes.of(1, SIZE));
        Path path =
                Files.write(disk.path("file"), Bytes.of(2, SIZE)); // not forced: where it will lie is not decided yet
        byte[] content = Bytes.of(2, SIZE);
        String bad = disk.faults().on(file(path).bytes(8192, 12287)).add("rule bad: on read fail MEDIUM");
        disk.evict();
        assertThatThrownBy(() -> read(path, 8192, 4096)).isInstanceOf(IOException.class);
        disk.faults().verify(bad).fired();
        disk.evict();
        assertThat(read(path, 4096, 4096)).isEqualTo(Arrays.copyOfRange(content, 4096, 8192));
        assertThat(read(path, 12288, 4096)).isEqualTo(Arrays.copyOfRange(content, 12288, 16384));
        assertThat(read(other, 0, SIZE)).isEqualTo(Bytes.of(1, SIZE));
        disk.faults().remove(bad);
        disk.evict();
        assertThat(Files.readAllBytes(path)).isEqualTo(content);

        Aim third = disk.faults().on(file(path).bytes(8192, 12287));
        third.damage("zero");
        disk.evict();
        byte[] rotten = content.clone();
        Arrays.fill(rotten, 8192, 12288, (byte) 0);
        assertThat(Files.readAllBytes(path)).as("damaged at rest").isEqualTo(rotten);
        assertThatIllegalArgumentException().isThrownBy(() -> third.damage("rust"));

        Aim whole = disk.faults().on(file(other));
        assertThat(whole.sectors().meets(disk.faults().on(file(path)).sectors()))
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> whole.add("on read sectors 8..15 fail MEDIUM"))
                .withMessageContaining("names sectors already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().on(file(path).bytes(SIZE, SIZE)))
                .withMessageContaining("has 65536 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().on(file(Path.of("/etc/passwd"))))
                .withMessageContaining("is not on");
        holesAndUnwrittenBytesAreRefused(disk);
    }

    private static void holesAndUnwrittenBytesAreRefused(Disk disk) throws IOException {
        Path sparse = disk.path("sparse");
        try (FileChannel channel = FileChannel.open(sparse, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[4096]), 8192);
            channel.write(ByteBuffer.wrap(new byte[4096]), SIZE - 4096);
        }
        assertThat(disk.faults().on(file(sparse).bytes(8192, 12287)).sectors().count())
                .isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().on(file(sparse).bytes(8192, 12288)))
                .withMessageContaining("byte 12288 lies in a hole")
                .withMessageContaining(sparse.toString());
        Path reserved = disk.path("reserved");
        run("fallocate", "--length", "65536", reserved.toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().on(file(reserved)))
                .withMessageContaining("was never written");
    }

    @Test
    void aimsAtARecordByWhatItContains(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        disk.faults().add("rule record: on write containing \"commit 7;\" fail IO");
        Path log = Files.createFile(disk.path("log"));
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 12; i++) {
                byte[] record = Arrays.copyOf(("commit " + i + ";").getBytes(StandardCharsets.US_ASCII), 4096);
                channel.write(ByteBuffer.wrap(record));
                if (i == 7) {
                    assertThatThrownBy(() -> channel.force(false)).isInstanceOf(IOException.class);
                } else {
                    channel.force(false);
                }
            }
        }
        disk.faults().verify("record").fired(atLeast(1));
    }

    @Test
    void btrfsCannotSay(@UblkDisk(size = "128MiB", mount = BTRFS) Disk disk) throws IOException {
        Path path = Files.write(disk.path("file"), Bytes.of(2, SIZE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.faults().on(file(path)))
                .withMessageContaining(path.toString())
                .withMessageContaining("btrfs does not say")
                .withMessageContaining("use ext4 or XFS");
    }

    private static byte[] read(Path path, long offset, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(path)) {
            while (into.hasRemaining() && channel.read(into, offset + into.position()) >= 0) {
                // Until it is full.
            }
        }
        return into.array();
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.onExit().join().exitValue()).isZero();
    }
}
