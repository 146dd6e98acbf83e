package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Tests that fail, each for another reason that the disk knows of. */
class VerdictTestCase {
    private static final int PAGE = 4096;

    public static class OnOneDisk {
        @Test
        void injected(@UblkDisk(size = "1MiB", faults = "rule bad: on read sectors 40..47 fail IO") Disk disk)
                throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(42 * 512L, 1024);
            }
        }

        @Test
        void genuine(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            Files.readString(disk.path("no-such-file"));
        }

        @Test
        void answeredByThePageCache(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            Path file = disk.path("file");
            Files.writeString(file, "precious");
            disk.remount();
            Files.readString(file);
            disk.faults().on(FilePart.file(file).bytes(0, 7)).add("rule bad: on read fail MEDIUM");
            assertThatThrownBy(() -> Files.readString(file)).isInstanceOf(IOException.class);
        }

        @Test
        void encoded(
                @UblkDisk(size = "1MiB", faults = "rule commit: on write containing \"commit 7;\" fail IO") Disk disk)
                throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.write(0, Bytes.filled(512, 7));
            }
            assertThat(1).isEqualTo(2);
        }

        @Test
        @Timeout(2)
        void stuck(@UblkDisk(size = "16MiB", mount = EXT4, faults = "rule stuck: on flush hold") Disk disk)
                throws IOException {
            try (FileChannel file =
                    FileChannel.open(disk.path("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[PAGE]));
                file.force(true);
            }
        }

        @Test
        void lostByACut(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
            Path file = disk.path("a");
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(Bytes.filled(8 * PAGE, 1)));
                channel.force(true);
            }
            overwriteFirstPage(file);
            disk.powerCut();
            assertThat(Files.readAllBytes(file)[0]).isEqualTo((byte) 2);
        }

        /** Past the page cache, so that the disk has it at once, and nobody has forced it. */
        private static void overwriteFirstPage(Path file) throws IOException {
            try (FileChannel direct = FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
                ByteBuffer page = ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE);
                page.put(Bytes.filled(PAGE, 2)).flip();
                direct.write(page, 0);
            }
        }

        @Test
        void neverWritten(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
            Files.writeString(disk.path("a"), "text");
            disk.powerCut();
            Files.readString(disk.path("a"));
        }

        @Test
        void withoutPower(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            disk.powerOff();
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(0, 512);
            }
        }
    }

    /** What one test met is not the next one's. */
    @TestMethodOrder(MethodOrderer.MethodName.class)
    public static class OnOneDiskOfTheClass {
        @UblkDisk(size = "1MiB", lenient = true)
        static Disk disk;

        @Test
        void aMeetsAFault() throws IOException {
            disk.faults().add("rule bad: on read sectors 40..47 fail IO");
            try (RawDevice device = new RawDevice(disk.device())) {
                assertThatThrownBy(() -> device.read(40 * 512L, 512)).isInstanceOf(IOException.class);
            } finally {
                disk.faults().clear();
            }
        }

        @Test
        void bMeetsNone() throws IOException {
            throw new IOException("the test's own");
        }

        @AfterAll
        static void failsToo() throws IOException {
            throw new IOException("the class's own");
        }
    }
}
