package io.ublkdisk.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.media.PagePool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot comes back from its file byte by byte, or not at all. */
class SnapshotFileTest {
    /** Ends inside a page. */
    private static final int SECTORS = 8 * 200 + 3;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("disk.snapshot");
    }

    @Test
    void comesBackByteByByteInAnotherPool() throws IOException {
        byte[] before;
        try (Drive drive = Drive.builder().sizeBytes(SECTORS * 512L).build()) {
            Host host = new Host(drive);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 60; i++) {
                byte[] data = new byte[512 * random.nextInt(1, 20)];
                Arrays.fill(data, (byte) random.nextInt(3));
                host.write(random.nextInt(SECTORS - 20), data);
            }
            host.write(SECTORS - 2, filled(2));
            host.write(8 * 150, new byte[8 * 512]);
            before = host.readAll();
            try (Snapshot snapshot = drive.snapshot()) {
                SnapshotFile.write(snapshot, file());
            }
        }
        PagePool pool = new PagePool();
        try (Snapshot read = SnapshotFile.read(file(), pool);
                Drive drive = Drive.builder().pool(pool).from(read).build()) {
            assertThat(new Host(drive).readAll()).isEqualTo(before);
        }
        assertThat(pool.usedPages()).isZero();
        assertThat(Files.list(folder)).as("nothing beside it").hasSize(1);
    }

    @Test
    void isRefusedWhenItIsNotWhole() throws IOException {
        try (Drive drive = Drive.builder().sizeBytes(1 << 20).build();
                Snapshot snapshot = written(drive)) {
            SnapshotFile.write(snapshot, file());
        }
        byte[] good = Files.readAllBytes(file());
        PagePool pool = new PagePool();
        for (int length : List.of(0, 5, 16, 100, good.length - 40, good.length - 1)) {
            Files.write(file(), Arrays.copyOf(good, length));
            assertThatThrownBy(() -> SnapshotFile.read(file(), pool))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class);
        }
        byte[] flipped = good.clone();
        flipped[5000] ^= 1;
        Files.write(file(), flipped);
        assertThatThrownBy(() -> SnapshotFile.read(file(), pool)).hasMessageContaining("damaged");
        Files.write(file(), filled(20));
        assertThatThrownBy(() -> SnapshotFile.read(file(), pool)).hasMessageContaining("is no snapshot");
        assertThat(pool.usedPages()).as("pages that nobody gave back").isZero();
    }

    private static Snapshot written(Drive drive) {
        new Host(drive).write(0, filled(16));
        return drive.snapshot();
    }

    private static byte[] filled(int sectors) {
        byte[] data = new byte[sectors * 512];
        Arrays.fill(data, (byte) 7);
        return data;
    }
}
