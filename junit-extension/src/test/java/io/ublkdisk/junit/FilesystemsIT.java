package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static io.ublkdisk.junit.PatternStep.Kind.READ_BUFFERED;
import static io.ublkdisk.junit.PatternStep.Kind.WRITE_BUFFERED;
import static io.ublkdisk.junit.PatternStep.Kind.WRITE_ZEROES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Filesystems lose nothing on such a disk: files written in patterns, and a real tree of files, are the same by MD5 after
 * the filesystem has been unmounted and mounted again, and its own checker finds it in order.
 */
class FilesystemsIT {
    private static final int FILE_SIZE = 1 << 20;
    /** A tree that every machine has that runs this. */
    private static final Path TREE = Path.of(System.getProperty("java.home"), "lib");

    @Property(tries = 4, shrinking = ShrinkingMode.BOUNDED)
    void filesOnExt4AreTheSameAfterRemount(
            @ForAll("steps") List<PatternStep> steps, @UblkDisk(size = "32MiB", mount = EXT4) Disk disk)
            throws Exception {
        writeAndCompare(disk, steps);
        check(disk, "e2fsck", "-fn");
    }

    @Property(tries = 2, shrinking = ShrinkingMode.BOUNDED)
    void filesOnXfsAreTheSameAfterRemount(
            @ForAll("steps") List<PatternStep> steps, @UblkDisk(size = "300MiB", mount = XFS) Disk disk)
            throws Exception {
        writeAndCompare(disk, steps);
        check(disk, "xfs_repair", "-n");
    }

    @Property(tries = 2, shrinking = ShrinkingMode.BOUNDED)
    void filesOnBtrfsAreTheSameAfterRemount(
            @ForAll("steps") List<PatternStep> steps, @UblkDisk(size = "128MiB", mount = BTRFS) Disk disk)
            throws Exception {
        writeAndCompare(disk, steps);
        check(disk, "btrfs", "check", "--readonly");
    }

    @Test
    @Timeout(300)
    void aRealTreeIsTheSameAfterRemount(@UblkDisk(size = "384MiB", mount = EXT4, queues = 2) Disk disk)
            throws Exception {
        Path copy = disk.path("lib");
        List<Path> files;
        try (Stream<Path> all = Files.walk(TREE)) {
            files = all.filter(Files::isRegularFile)
                    .filter(Files::isReadable)
                    .map(TREE::relativize)
                    .sorted()
                    .collect(Collectors.toList());
        }
        assertThat(files).as("files under %s", TREE).hasSizeGreaterThan(20);
        for (Path file : files) {
            Files.createDirectories(copy.resolve(file).getParent());
            Files.copy(TREE.resolve(file), copy.resolve(file));
        }
        disk.remount();
        for (Path file : files) {
            assertThat(Bytes.md5(copy.resolve(file))).as("%s", file).isEqualTo(Bytes.md5(TREE.resolve(file)));
        }
        check(disk, "e2fsck", "-fn");
    }

    @Provide
    Arbitrary<List<PatternStep>> steps() {
        return PatternStep.ofBytes(FILE_SIZE, WRITE_BUFFERED, WRITE_BUFFERED, WRITE_ZEROES, READ_BUFFERED)
                .list()
                .ofMinSize(5)
                .ofMaxSize(20);
    }

    /** The steps go to two files in turn, so that their blocks are mixed on the disk. */
    private static void writeAndCompare(Disk disk, List<PatternStep> steps) throws IOException {
        byte[][] models = {new byte[FILE_SIZE], new byte[FILE_SIZE]};
        try (FileChannel first = create(disk.path("first"));
                FileChannel second = create(disk.path("second"))) {
            FileChannel[] files = {first, second};
            for (int i = 0; i < steps.size(); i++) {
                apply(steps.get(i), files[i % 2], models[i % 2]);
                if (i % 5 == 4) {
                    files[i % 2].force(true);
                }
            }
        }
        disk.remount();
        assertThat(Bytes.md5(disk.path("first"))).isEqualTo(Bytes.md5(models[0]));
        assertThat(Bytes.md5(disk.path("second"))).isEqualTo(Bytes.md5(models[1]));
    }

    private static FileChannel create(Path path) throws IOException {
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        file.write(ByteBuffer.wrap(new byte[1]), FILE_SIZE - 1);
        return file;
    }

    private static void apply(PatternStep step, FileChannel file, byte[] model) throws IOException {
        if (step.kind() == READ_BUFFERED) {
            ByteBuffer found = ByteBuffer.allocate(step.length());
            while (found.hasRemaining()) {
                assertThat(file.read(found, step.offset() + found.position())).isPositive();
            }
            assertThat(Bytes.md5(found.array())).as("%s", step).isEqualTo(Bytes.md5(step.of(model)));
            return;
        }
        step.applyTo(model);
        ByteBuffer data = ByteBuffer.wrap(step.of(model));
        while (data.hasRemaining()) {
            file.write(data, step.offset() + data.position());
        }
    }

    /** The filesystem's own checker, which must change nothing and find nothing. */
    private static void check(Disk disk, String... command) throws IOException, InterruptedException {
        disk.unmount();
        String[] line = Stream.concat(
                        Stream.of(command), Stream.of(disk.device().toString()))
                .toArray(String[]::new);
        Process checker = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(checker.getInputStream().readAllBytes());
        assertThat(checker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(checker.exitValue()).as("%s", output).isZero();
    }
}
