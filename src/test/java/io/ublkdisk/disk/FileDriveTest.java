package io.ublkdisk.disk;

import static io.ublkdisk.disk.DriveTest.sectors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.PagePool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A drive on a file: the file is what is durable. */
class FileDriveTest {
    private static final int BYTES = 203 * 512;

    @TempDir
    Path folder;

    private final PagePool pool = new PagePool();
    private Path path;

    @BeforeEach
    void fillFile() throws IOException {
        path = folder.resolve("disk.img");
        Files.write(path, sectors(203, 7));
    }

    private Drive open() throws IOException {
        return Drive.builder().from(new BaseFile(path, 0)).pool(pool).build();
    }

    private byte[] inFile(int sector, int count) throws IOException {
        return Arrays.copyOfRange(Files.readAllBytes(path), sector * 512, (sector + count) * 512);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void hasInTheFileWhatIsDurableAndNothingElse() throws IOException {
        try (Drive drive = open()) {
            Host host = new Host(drive);
            assertThat(host.read(0, 203)).isEqualTo(sectors(203, 7));
            host.write(3, sectors(9, 1));
            host.discard(100, 20);
            assertThat(host.read(0, 20)).startsWith(sectors(3, 7)).endsWith(sectors(8, 7));
            assertThat(Files.readAllBytes(path)).isEqualTo(sectors(203, 7));

            host.flush();
            assertThat(inFile(3, 9)).isEqualTo(sectors(9, 1));
            assertThat(inFile(100, 20)).isEqualTo(sectors(20, 0));
            assertThat(inFile(120, 83)).isEqualTo(sectors(83, 7));
            assertThat(pool.usedPages())
                    .as("what is in the file needs no memory")
                    .isZero();

            host.writeFua(200, sectors(3, 2));
            assertThat(inFile(200, 3)).isEqualTo(sectors(3, 2));
            host.write(0, sectors(1, 9));
            host.write(1, sectors(1, 6));
            drive.powerCut(SurvivalPolicy.only(5));
            assertThat(inFile(0, 2)).as("what survived is in the file").isEqualTo(concat(sectors(1, 7), sectors(1, 6)));
            drive.cache().powerOn();
            assertThat(host.readAll()).isEqualTo(Files.readAllBytes(path));
            host.write(1, sectors(1, 8));
        }
        assertThat(inFile(0, 3))
                .as("an orderly end flushes")
                .startsWith(sectors(1, 7))
                .endsWith(sectors(1, 7));
        assertThat(inFile(1, 1)).isEqualTo(sectors(1, 8));
        assertThat(Files.size(path)).isEqualTo(BYTES);
        assertThat(pool.usedPages()).isZero();
        try (Drive again = open()) {
            assertThat(new Host(again).readAll()).isEqualTo(Files.readAllBytes(path));
        }
    }

    @Test
    void writesStraightThroughWithoutAVolatileCache() throws IOException {
        try (Drive drive = Drive.builder()
                .from(new BaseFile(path, 0))
                .pool(pool)
                .volatileCache(false)
                .build()) {
            new Host(drive).write(5, sectors(20, 1));
            assertThat(inFile(5, 20)).isEqualTo(sectors(20, 1));
            new Host(drive).writeZeroes(6, 2);
            assertThat(inFile(5, 4)).startsWith(sectors(1, 1)).endsWith(sectors(1, 1));
            assertThat(inFile(6, 2)).isEqualTo(sectors(2, 0));
            assertThat(pool.usedPages()).isZero();
        }
    }

    @Test
    void leavesTheFileAsItIsWhileASnapshotNeedsIt() throws IOException {
        try (Drive drive = open()) {
            Host host = new Host(drive);
            Snapshot snapshot = drive.snapshot();
            host.write(0, sectors(8, 1));
            host.flush();
            assertThat(Files.readAllBytes(path)).isEqualTo(sectors(203, 7));
            try (Drive copy = Drive.builder().from(snapshot).build()) {
                assertThat(new Host(copy).readAll()).isEqualTo(sectors(203, 7));
                new Host(copy).writeFua(50, sectors(1, 5));
            }
            assertThat(Files.readAllBytes(path)).as("a copy has no file").isEqualTo(sectors(203, 7));
            assertThatIllegalStateException().isThrownBy(drive::close).withMessageContaining("snapshots");
            host.write(8, sectors(8, 2));
            drive.rewind(snapshot);
            assertThat(host.readAll()).isEqualTo(sectors(203, 7));
            host.write(16, sectors(8, 3));
            snapshot.close();
            host.flush();
            assertThat(inFile(0, 16)).isEqualTo(sectors(16, 7));
            assertThat(inFile(16, 8)).isEqualTo(sectors(8, 3));
        }
    }

    @Test
    void doesWhatADriveInMemoryDoes() throws IOException {
        for (int seed = 0; seed < 30; seed++) {
            Files.write(path, new byte[BYTES]);
            try (Drive onFile = open()) {
                DriveModelTest.compare(onFile, seed);
            }
            assertThat(pool.usedPages()).isZero();
        }
    }

    @Test
    void goesBackToSnapshotsOfItsOwnFileAlone() throws IOException {
        try (Drive onFile = open();
                Drive inMemory = Drive.builder().sizeBytes(BYTES).pool(pool).build()) {
            try (Snapshot ofMemory = inMemory.snapshot();
                    Snapshot ofFile = onFile.snapshot()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> onFile.rewind(ofMemory))
                        .withMessageContaining("file");
                inMemory.rewind(ofFile);
            }
            assertThat(new Host(inMemory).readAll()).isEqualTo(sectors(203, 7));
            new Host(inMemory).discard(0, 203);
            new Host(inMemory).flush();
            assertThat(Files.readAllBytes(path)).isEqualTo(sectors(203, 7));
        }
    }

    @Test
    void writesNoZeroesWhereThereAreZeroes() throws IOException {
        Path fresh = folder.resolve("fresh.img");
        FileTime past = FileTime.fromMillis(1_000_000);
        try (Drive drive = Drive.builder().from(new BaseFile(fresh, 1L << 40)).build()) {
            Host host = new Host(drive);
            host.discard(0, 1 << 17);
            Files.setLastModifiedTime(fresh, past);
            host.flush();
            assertThat(Files.getLastModifiedTime(fresh))
                    .as("a sparse file stays sparse")
                    .isEqualTo(past);

            host.write((1L << 31) - 8, sectors(8, 1));
            host.flush();
            assertThat(host.read((1L << 31) - 8, 8)).isEqualTo(sectors(8, 1));
            assertThat(Files.getLastModifiedTime(fresh)).isNotEqualTo(past);
        }
        assertThat(Files.size(fresh)).isEqualTo(1L << 40);
    }

    @Test
    void makesNoFileWithoutASize() {
        Path none = folder.resolve("none.img");
        assertThatIOException()
                .isThrownBy(() -> new BaseFile(none, 0))
                .withMessage("there is no file " + none + "; it is made if you say how large the disk is to be");
        assertThat(none).doesNotExist();
    }

    /** A large discard becomes a hole: the file is smaller afterwards, and nothing of it has been read. */
    @Test
    void makesAHoleOfALargeDiscard() throws IOException {
        Path large = folder.resolve("large.img");
        int bytes = 16 << 20;
        Files.write(large, sectors(bytes / 512, 7));
        try (Drive drive =
                Drive.builder().from(new BaseFile(large, 0)).pool(pool).build()) {
            Host host = new Host(drive);
            long before = allocated(large);
            host.discard(8, bytes / 512 - 16);
            host.flush();
            assertThat(allocated(large)).isLessThan(before / 4);
            assertThat(host.read(7, 2)).startsWith(7).endsWith(0);
        }
        assertThat(Files.size(large)).isEqualTo(bytes);
        byte[] now = Files.readAllBytes(large);
        assertThat(now[8 * 512 - 1]).isEqualTo((byte) 7);
        assertThat(now[8 * 512]).isZero();
        assertThat(now[bytes - 8 * 512 - 1]).isZero();
        assertThat(now[bytes - 8 * 512]).isEqualTo((byte) 7);
    }

    private static long allocated(Path file) throws IOException {
        Process blocks = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(blocks.getInputStream().readAllBytes()).strip());
    }

    @Test
    void refusesFilesThatAreNoDisk() throws IOException {
        Files.write(path, new byte[1000]);
        assertThatIOException().isThrownBy(() -> new BaseFile(path, 0)).withMessageContaining("1000");
        Files.write(path, new byte[0]);
        assertThatIOException().isThrownBy(() -> new BaseFile(path, 0)).withMessageContaining("empty");
        Files.write(path, new byte[8192]);
        assertThatIOException()
                .isThrownBy(() -> new BaseFile(path, 4096))
                .withMessageContaining("8192 bytes and not 4096");
        assertThatIOException().isThrownBy(() -> new BaseFile(folder.resolve("none/disk.img"), 4096));
        try (Drive drive = open()) {
            assertThatIOException()
                    .isThrownBy(() -> new BaseFile(path, 0))
                    .withMessageContaining("another server")
                    .withMessageContaining("disk.img");
            try (Snapshot snapshot = drive.snapshot()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() ->
                                Drive.builder().from(snapshot).sizeBytes(512).build());
            }
        }
    }
}
