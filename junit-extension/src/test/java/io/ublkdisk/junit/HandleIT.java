package io.ublkdisk.junit;

import static io.ublkdisk.junit.DiskAssertions.assertThat;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** What a {@link Disk} does besides failing. */
class HandleIT {
    @Test
    void mountsUnmountsAndMountsAgainAtTheSamePlace(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk)
            throws IOException {
        Path place = disk.mountPoint();
        Files.createDirectory(disk.path("a"));
        Files.writeString(disk.path("a", "b"), "text");
        disk.unmount();
        assertThat(disk).isNotMounted();
        assertThatThrownBy(disk::mountPoint)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not mounted now");
        assertThat(place.resolve("a")).doesNotExist();
        disk.mount();
        disk.mount();
        assertThat(disk).isMounted();
        assertThat(disk.mountPoint()).isEqualTo(place);
        assertThat(disk.path("a", "b")).hasContent("text");
    }

    @Test
    void refusesToUnmountUnderAnOpenFile(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
        try (FileChannel open =
                FileChannel.open(disk.path("open"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertThatThrownBy(disk::unmount)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("this test's JVM")
                    .hasMessageContaining(disk.path("open").toString());
            assertThatThrownBy(disk::remount).isInstanceOf(IOException.class).hasMessageContaining("Close them");
            assertThat(open.isOpen()).isTrue();
            assertThat(disk).isMounted();
        }
        disk.remount();
    }

    @Test
    void aRawDeviceHasNoMountPoint(@UblkDisk(size = "1MiB") Disk disk) {
        assertThat(disk).isNotMounted();
        assertThatThrownBy(disk::mountPoint)
                .hasMessageContaining("has no filesystem")
                .hasMessageContaining("EXT4");
        assertThatThrownBy(disk::mount).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(disk::remount).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void countsWhatReachesTheDisk(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        long writesBefore = disk.stats().writes();
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, new byte[8192]);
            assertThat(disk.stats().writes()).isEqualTo(writesBefore + 1);
            assertThat(disk.stats().unflushedBytes()).isEqualTo(8192);
            assertThatThrownBy(() -> assertThat(disk).hasNothingUnflushed())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("would lose 1 change, 8192 bytes")
                    .hasMessageContaining("write sectors 0..15");
            device.flush();
            assertThat(disk).hasNothingUnflushed().hasInjectedNothing();
            assertThat(disk.stats().flushes()).isPositive();
        }
    }

    @Test
    void aPowerCutTakesWhatWasNotForced(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        Path forced = disk.path("forced");
        try (FileChannel channel = FileChannel.open(forced, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(Bytes.of(1, 65536)));
            channel.force(true);
        }
        Files.write(disk.path("not-forced"), Bytes.of(2, 65536));
        disk.powerCut();
        assertThat(Bytes.md5(forced)).isEqualTo(Bytes.md5(Bytes.of(1, 65536)));
        assertThat(disk.path("not-forced")).doesNotExist();
    }

    /** As a program that outlives its disk: what it has open fails, and what it had forced is there when it opens it again. */
    @Test
    void aPowerCutUnderAnOpenFileComesBackAsAnotherDevice(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk)
            throws IOException {
        Path device = disk.device();
        Path place = disk.mountPoint();
        disk.faults().add("rule never: on read sectors 0..7 nth 1000 fail IO");
        disk.faults().lenient("never");
        try (FileChannel open =
                FileChannel.open(disk.path("log"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            open.write(ByteBuffer.wrap(Bytes.of(1, 65536)));
            open.force(true);
            open.write(ByteBuffer.wrap(Bytes.of(2, 65536)));
            disk.powerCut();
            assertThatThrownBy(() -> {
                        open.write(ByteBuffer.wrap(Bytes.of(3, 65536)), 0);
                        open.force(true);
                    })
                    .isInstanceOf(IOException.class);
            assertThat(disk).isMounted();
            assertThat(disk.device()).isNotEqualTo(device);
            assertThat(disk.mountPoint()).isEqualTo(place);
            assertThat(Files.readAllBytes(disk.path("log"))).startsWith(Bytes.of(1, 65536));
            assertThat(disk.faults().rules()).extracting(Object::toString).anyMatch(rule -> rule.contains("never"));
            Files.writeString(disk.path("alive"), "yes");
        }
        disk.remount();
        assertThat(disk.path("alive")).hasContent("yes");
    }

    @Test
    void aPowerCutTakesWhatARawDeviceHadNotFlushed(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, Bytes.of(1, 4096));
            device.flush();
            device.write(0, Bytes.of(2, 4096));
            device.write(8192, Bytes.of(3, 4096));
        }
        disk.powerCut();
        try (RawDevice device = new RawDevice(disk.device())) {
            assertThat(device.read(0, 4096)).isEqualTo(Bytes.of(1, 4096));
            assertThat(device.read(8192, 4096)).containsOnly(0);
            device.write(0, Bytes.of(4, 4096));
            assertThat(device.read(0, 4096)).isEqualTo(Bytes.of(4, 4096));
        }
    }

    @Test
    void evictedPagesAreReadFromTheDiskAgain(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
        Path file = disk.path("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(Bytes.of(1, 65536)));
            channel.force(true);
        }
        long reads = disk.stats().readBytes();
        Files.readAllBytes(file);
        assertThat(disk.stats().readBytes()).as("answered from memory").isEqualTo(reads);
        disk.evict();
        Files.readAllBytes(file);
        assertThat(disk.stats().readBytes()).as("answered by the disk").isGreaterThanOrEqualTo(reads + 65536);
    }
}
