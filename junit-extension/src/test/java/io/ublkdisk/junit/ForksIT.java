package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.junit.engine.disk.DiskHandle;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots, forks and crash images of a disk, from a test. */
@Timeout(180)
class ForksIT {
    @Test
    void severalOfExt4AreMountedAtOnce(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        severalAreMountedAtOnce(disk);
    }

    @Test
    void severalOfXfsAreMountedAtOnce(@UblkDisk(size = "300MiB", mount = XFS) Disk disk) throws IOException {
        severalAreMountedAtOnce(disk);
    }

    @Test
    void severalOfBtrfsAreMountedAtOnce(@UblkDisk(size = "128MiB", mount = BTRFS) Disk disk) throws IOException {
        severalAreMountedAtOnce(disk);
    }

    /** All have the same UUID; each has its own files. */
    private static void severalAreMountedAtOnce(Disk disk) throws IOException {
        write(disk.path("common"), "before");
        try (ForkedDisk first = disk.fork();
                ForkedDisk second = disk.crashImage("none")) {
            Disk[] all = {disk, first, second};
            for (int i = 0; i < all.length; i++) {
                assertThat(all[i].path("common")).hasContent("before");
                write(all[i].path("own"), "of " + i);
                write(all[i].path("common"), "changed by " + i);
            }
            for (int i = 0; i < all.length; i++) {
                all[i].remount();
                assertThat(all[i].path("own")).hasContent("of " + i);
                assertThat(all[i].path("common")).hasContent("changed by " + i);
            }
            for (Disk each : all) {
                each.unmount();
                assertThat(((DiskHandle) each).remote().check()).as("%s", each).isEmpty();
            }
        }
        disk.mount();
        assertThat(disk.path("common")).hasContent("changed by 0");
    }

    /** What is not closed goes with the disk it came from: the end of this test would fail otherwise. */
    @Test
    void aCrashImageHasWhatSurvivesAndTheDiskGoesOn(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.write(0, Bytes.filled(512, 1));
            device.flush();
            device.write(0, Bytes.filled(512, 2));
        }
        Disk none = disk.crashImage("none");
        Disk all = disk.fork();
        try (RawDevice device = new RawDevice(disk.device());
                RawDevice ofNone = new RawDevice(none.device());
                RawDevice ofAll = new RawDevice(all.device())) {
            device.write(0, Bytes.filled(512, 3));
            assertThat(ofNone.read(0, 512)).containsOnly(1);
            assertThat(ofAll.read(0, 512)).containsOnly(2);
            assertThat(device.read(0, 512)).containsOnly(3);
        }
        assertThat(disk.unflushed().count()).as("it lost nothing by that").isEqualTo(2);
    }

    @Test
    void goesBackToASnapshot(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
        write(disk.path("file"), "first");
        disk.snapshot("first");
        write(disk.path("file"), "second");
        write(disk.path("more"), "more");
        try (FileChannel open = FileChannel.open(disk.path("file"))) {
            assertThatThrownBy(() -> disk.rewind("first"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Close them first");
            assertThat(open.size()).isEqualTo(6);
        }
        disk.rewind("first");
        assertThat(disk.path("file")).hasContent("first");
        assertThat(disk.path("more")).doesNotExist();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk.rewind("frist"))
                .withMessageContaining("did you mean 'first'");
        disk.rewind("first");
        assertThat(disk.isMounted()).isTrue();
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        try (FileChannel folder = FileChannel.open(file.getParent())) {
            folder.force(true);
        }
    }
}
