package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that end as tests should not. */
class EndingsTestCase {
    static final String NEVER = "rule never: on read sectors 40..47 fail MEDIUM";

    /** What a test left open; the test of the test closes it. */
    static FileChannel leftOpen;

    static Process leftRunning;

    static Object leftMapped;

    static ProcessHandle leftOrphan;

    static Disk leftHandle;

    static class Failing {
        @Test
        void assertion(@UblkDisk(size = "16MiB", mount = EXT4, seed = 4711) Disk disk) throws IOException {
            disk.faults().add("rule bad: on discard fail IO");
            disk.faults().lenient("bad");
            disk.faults().add("rule late: on write containing \"record\" delay 2ms");
            Files.writeString(disk.path("file"), "record");
            disk.unmount();
            assertThat(1).isEqualTo(2);
        }

        @Test
        void exceptionAndAnUnusedRule(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) throws IOException {
            throw new IOException("the test's own");
        }

        @Test
        void assumption(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) {
            assumeTrue(false, "not today");
        }
    }

    static class Leaving {
        @Test
        void openFile(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            leftOpen =
                    FileChannel.open(disk.path("left-open"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Test
        void openDevice(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            leftOpen = FileChannel.open(disk.device());
        }

        @Test
        void processInFolder(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            leftRunning = new ProcessBuilder("sleep", "600")
                    .directory(disk.mountPoint().toFile())
                    .start();
        }

        @Test
        void mapping(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            Path file = disk.path("mapped");
            Files.write(file, new byte[4096]);
            try (FileChannel channel = FileChannel.open(file)) {
                leftMapped = channel.map(MapMode.READ_ONLY, 0, 4096);
            }
        }

        @Test
        void openPartition(@UblkDisk(size = "16MiB") Disk disk) throws Exception {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.write(0, partitionTable());
            }
            run("blockdev", "--rereadpt", disk.device().toString());
            Path partition = Path.of(disk.device() + "p1");
            for (int i = 0; i < 200 && !Files.exists(partition); i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            leftOpen = FileChannel.open(partition);
        }

        /** One partition, from sector 2048 on. */
        private static byte[] partitionTable() {
            ByteBuffer sector = ByteBuffer.allocate(512).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            sector.put(450, (byte) 0x83).putInt(454, 2048).putInt(458, 8192).putShort(510, (short) 0xaa55);
            return sector.array();
        }

        private static void run(String... command) throws Exception {
            Process process = new ProcessBuilder(command).inheritIO().start();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        @Test
        void childWithTheDevice(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            leftRunning = new ProcessBuilder("sleep", "600")
                    .redirectInput(disk.device().toFile())
                    .start();
        }

        /** Not found among the children of this process, because its parent has ended. */
        @Test
        void orphanWithTheDevice(@UblkDisk(size = "1MiB") Disk disk) throws Exception {
            Process shell = new ProcessBuilder(
                            "sh", "-c", "sleep 600 < " + disk.device() + " > /dev/null 2>&1 & echo $!")
                    .start();
            String pid = new String(shell.getInputStream().readAllBytes()).strip();
            leftOrphan = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        }

        @Test
        void mountOnTheMount(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws Exception {
            Path on = Files.createDirectory(disk.path("on it"));
            run("mount", "-t", "tmpfs", "none", on.toString());
        }

        @Test
        void interruptFlag(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            Files.writeString(disk.path("file"), "text");
            Thread.currentThread().interrupt();
        }

        @Test
        void failureWithInterruptFlag(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the test's own");
        }

        @Test
        void handle(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) {
            leftHandle = disk;
        }

        @Test
        void mountOfItsOwn(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws Exception {
            Path second = Files.createTempDirectory("second");
            Process mount = new ProcessBuilder("mount", disk.device().toString(), second.toString()).start();
            assertThat(mount.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(mount.exitValue()).isZero();
        }
    }

    static class Stuck {
        @Test
        @Timeout(2)
        void inARead(@UblkDisk(size = "1MiB", faults = "rule slow: on read sectors 40..47 delay 3600s") Disk disk)
                throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(40 * 512, 512);
            }
        }

        @Test
        @Timeout(value = 2, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
        void inAForce(@UblkDisk(size = "16MiB", mount = EXT4, faults = "rule slow: on flush delay 3600s") Disk disk)
                throws IOException {
            try (FileChannel file =
                    FileChannel.open(disk.path("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[4096]));
                file.force(true);
            }
        }
    }

    static class Unused {
        @Test
        void strict(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) throws IOException {
            read(disk, 0);
        }

        @Test
        void strictThoughRemoved(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) {
            disk.faults().remove("never");
        }

        @Test
        void strictThoughCleared(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) {
            disk.faults().clear();
        }

        @Test
        void lenientDisk(@UblkDisk(size = "1MiB", faults = NEVER, lenient = true) Disk disk) {}

        @Test
        void lenientRule(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) {
            disk.faults().lenient("never");
        }

        @Test
        void verifiedToBeUnused(@UblkDisk(size = "1MiB", faults = NEVER) Disk disk) {
            disk.faults().verify("never").neverFired();
        }

        private static void read(Disk disk, int sector) throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(sector * 512L, 512);
            }
        }
    }

    static class OfClass {
        @UblkDisk(size = "1MiB", faults = NEVER)
        static Disk disk;

        @Test
        void passes() {}
    }

    static class OfClassAndFailing {
        @UblkDisk(size = "1MiB", faults = NEVER)
        static Disk disk;

        @Test
        void fails() {
            throw new IllegalStateException("the test's own");
        }
    }
}
