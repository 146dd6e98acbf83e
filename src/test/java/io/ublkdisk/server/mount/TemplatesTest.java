package io.ublkdisk.server.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.disk.AtRestCorruption;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.media.CorruptionPattern;
import io.ublkdisk.media.PagePool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was formatted once is there for the next disk alike, also in another process. */
class TemplatesTest {
    private static final DiskSpec SPEC =
            DiskSpec.builder().size("8MiB").fileSystem(FileSystem.EXT4).build();

    @TempDir
    Path folder;

    private final PagePool pool = new PagePool();

    @BeforeEach
    void needsMkfs() {
        assumeTrue(MakeFileSystem.program(FileSystem.EXT4).isPresent(), "needs mkfs.ext4, whose version is in the key");
    }

    private Templates templates() {
        return new Templates(pool, Optional.of(folder.resolve("kept")));
    }

    private void format() throws Exception {
        try (Drive drive = Drive.builder().sizeBytes(8 << 20).pool(pool).build()) {
            new AtRestCorruption(drive).damage(4096, 100, CorruptionPattern.GARBAGE, 1);
            templates().keep(SPEC, drive);
        }
    }

    @Test
    void areFoundByAnotherServer() throws Exception {
        assertThat(templates().find(SPEC)).isEmpty();
        format();
        Snapshot found = templates().find(SPEC).orElseThrow();
        try (Drive drive = Drive.builder().pool(pool).from(found).build()) {
            assertThat(drive.sizeBytes()).isEqualTo(8 << 20);
        }
        for (DiskSpec other : List.of(
                SPEC.toBuilder().size("9MiB").build(),
                SPEC.toBuilder().mkfsOptions("-N 64").build(),
                SPEC.toBuilder().logicalBlockSizeBytes(4096).build(),
                DiskSpec.builder().size("8MiB").build())) {
            assertThat(templates().find(other)).as("%s", other).isEmpty();
        }
    }

    @Test
    void areMadeAnewWhenTheirFileIsDamaged() throws Exception {
        format();
        try (Stream<Path> files = Files.list(folder.resolve("kept"))) {
            Path file = files.findFirst().orElseThrow();
            Files.write(file, new byte[100]);
        }
        assertThat(templates().find(SPEC)).isEmpty();
        format();
        assertThat(templates().find(SPEC)).isPresent();
    }

    @Test
    void knowWhichKernelsMountCopiesOfBtrfs() {
        assertThat(List.of("6.7.0", "6.12.57+deb13-amd64", "7.3.4", "10.0-rc1"))
                .allMatch(Templates::mountsCopiesOfBtrfs);
        assertThat(List.of("6.1.0-18-amd64", "6.6.99", "5.15.0", "unknown")).noneMatch(Templates::mountsCopiesOfBtrfs);
    }
}
