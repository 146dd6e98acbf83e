package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static io.ublkdisk.junit.Times.times;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a write error does above a filesystem, measured: the tables of docs/explanation/filesystems.md. Where they differ each has
 * its own line here, and a kernel that changes its mind makes it red.
 */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FsyncIT {
    private static final int PAGE = 4096;
    private static final byte[] OLD = page("old, ");
    private static final byte[] NEW = page("new, ");

    @UblkDisk(size = "32MiB", mount = EXT4, mountOptions = "errors=remount-ro")
    static Disk ext4;

    @UblkDisk(size = "300MiB", mount = XFS)
    static Disk xfs;

    @UblkDisk(size = "128MiB", mount = BTRFS)
    static Disk btrfs;

    /**
     * EIO for the one write that has the new page of the file. No rule says once: nobody writes it a second time. btrfs notes
     * the error a second time when a worker of it finishes the write, and whether that is before or after the first fsync is
     * chance.
     */
    @ParameterizedTest
    @CsvSource({
        "EXT4,  'fails, succeeds', 'fails, succeeds', succeeds, new, old",
        "XFS,   'fails, succeeds', 'fails, succeeds', succeeds, new, old",
        "BTRFS, 'fails, (succeeds|fails, succeeds)', 'fails, (succeeds|fails, succeeds)', succeeds, new, old",
    })
    @Order(1)
    void aDataWriteThatFails(
            FileSystem fileSystem, String writer, String other, String later, String cached, String onDisk)
            throws IOException {
        Disk disk = disk(fileSystem);
        Path path = disk.path("file");
        try (FileChannel first = FileChannel.open(path, CREATE, READ, WRITE);
                FileChannel second = FileChannel.open(path, READ, WRITE)) {
            first.write(ByteBuffer.wrap(OLD), 0);
            first.force(true);
            String bad = disk.faults().add("on write containing \"new, new, \" fail IO");
            first.write(ByteBuffer.wrap(NEW), 0);
            assertThat(forceUntilItSucceeds(first)).as("who wrote it").matches(writer);
            assertThat(forceUntilItSucceeds(second))
                    .as("who had it open as well")
                    .matches(other);
            assertThat(forceAnew(path)).as("who opens it afterwards").isEqualTo(later);
            assertThat(content(path)).as("from the cache").isEqualTo(cached);
            disk.faults().verify(bad).fired(times(1));
            disk.evict();
            assertThat(content(path)).as("from the disk").isEqualTo(onDisk);
            disk.faults().verify(bad).fired(times(1));
        } finally {
            disk.faults().clear();
        }
        disk.remount();
        assertThat(content(path))
                .as("after all has been written and read again")
                .isEqualTo(onDisk);
    }

    /** EIO for the write that would make a change of metadata durable, told by its magic number. */
    @ParameterizedTest
    @CsvSource({
        "EXT4,  0xc03b3998",
        "XFS,   0xfeedbabe",
        "BTRFS, '\"_BHRfS_M\"'",
    })
    @Order(2)
    void aJournalWriteThatFails(FileSystem fileSystem, String magic) throws IOException {
        Disk disk = disk(fileSystem);
        Path before = disk.path("before");
        Files.writeString(before, "present");
        forceAnew(before);
        String bad = disk.faults().add("on write containing " + magic + " fail IO");
        String forced = outcome(() -> {
            try (FileChannel file = FileChannel.open(disk.path("during"), CREATE, WRITE)) {
                file.write(ByteBuffer.wrap(NEW));
                file.force(true);
            }
            return "succeeds";
        });
        disk.faults().verify(bad).fired();
        disk.faults().remove(bad);
        // The disk is well again, and the filesystem is not.
        String written =
                outcome(() -> Files.writeString(disk.path("after"), "x").toString());
        String read = outcome(() -> Files.readString(before));
        assertThat(new AfterJournalError(forced, written, read, superOptions(disk)))
                .isEqualTo(AFTER_JOURNAL_ERROR.get(fileSystem));
        disk.powerCut();
        assertThat(before).as("after the log has been replayed").hasContent("present");
        assertThat(disk.path("after")).doesNotExist();
        assertThat(Files.writeString(disk.path("again"), "x")).hasContent("x");
    }

    /** What a program sees, in the kernel's words: of the force that failed, of a new file, of an old one, and of the mount. */
    private record AfterJournalError(String forced, String written, String read, String mounted) {}

    /** As a number: 6.12 is 6.12, and 6.2 is 6.02. */
    private static final double KERNEL = kernel(System.getProperty("os.version"));

    private static final Map<FileSystem, AfterJournalError> AFTER_JOURNAL_ERROR = Map.of(
            EXT4,
            KERNEL < 6.15 // from then on an emergency is not taken for a shutdown
                    ? new AfterJournalError("Input/output error", "Read-only file system", "Input/output error", "rw")
                    : new AfterJournalError(
                            "Input/output error", "Read-only file system", "present", "rw,emergency_ro"),
            XFS,
            new AfterJournalError("Input/output error", "Input/output error", "Input/output error", "rw"),
            BTRFS,
            new AfterJournalError("Input/output error", "Read-only file system", "present", "ro"));

    private static double kernel(String release) {
        String[] parts = release.split("[.-]");
        return Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]) / 100.0;
    }

    private static Disk disk(FileSystem fileSystem) {
        return Map.of(EXT4, ext4, XFS, xfs, BTRFS, btrfs).get(fileSystem);
    }

    private static byte[] page(String word) {
        return Arrays.copyOf(word.repeat(PAGE).getBytes(StandardCharsets.US_ASCII), PAGE);
    }

    private static String force(FileChannel file) {
        try {
            file.force(true);
            return "succeeds";
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("Input/output error");
            return "fails";
        }
    }

    private static String forceUntilItSucceeds(FileChannel file) {
        String all = force(file);
        for (int i = 0; i < 5 && !all.endsWith("succeeds"); i++) {
            all += ", " + force(file);
        }
        return all;
    }

    private static String forceAnew(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, WRITE)) {
            return force(file);
        }
    }

    private static String content(Path path) {
        return outcome(() -> {
            byte[] found = Files.readAllBytes(path);
            return Arrays.equals(found, OLD) ? "old" : Arrays.equals(found, NEW) ? "new" : "neither";
        });
    }

    private interface Io {
        String run() throws IOException;
    }

    /** What it gives, or the kernel's words for its error. */
    private static String outcome(Io io) {
        try {
            return io.run();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            return message.substring(message.lastIndexOf(": ") + 1).strip();
        }
    }

    /** What the mount says of itself: rw or ro, and whether there is an emergency. */
    private static String superOptions(Disk disk) throws IOException {
        String place = disk.mountPoint().toString();
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.split(" ")[4].equals(place))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .map(options -> Arrays.stream(options.split(","))
                        .filter(option -> option.matches("r[ow]|emergency.*|shutdown"))
                        .collect(Collectors.joining(",")))
                .findFirst()
                .orElse("not mounted");
    }
}
