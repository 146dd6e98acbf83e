package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests that pass, and prove less than they seem to; and their likes that do prove something. */
class WarningsTestCase {
    private static final String RULE = "rule bad: on read sectors 40..47 fail MEDIUM";

    private static void read(Disk disk, long sector) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            device.read(sector * 512, 512);
        }
    }

    static class Idle {
        @Test
        void neverFiredAndCouldNot(@UblkDisk(size = "1MiB", faults = RULE) Disk disk) {
            disk.faults().verify("bad").neverFired();
        }

        @Test
        void lenientAndIdle(@UblkDisk(size = "1MiB", faults = RULE, lenient = true) Disk disk) {}

        @Test
        void damageThatNobodyRead(@UblkDisk(size = "16MiB", mount = EXT4) Disk disk) throws IOException {
            Path file = disk.path("file");
            Files.writeString(file, "precious");
            disk.faults().on(FilePart.file(file).bytes(0, 7)).damage("zero");
            assertThat(file).hasContent("precious");
        }

        @Test
        void recordedForNothing(@UblkDisk(size = "1MiB") Disk disk) {
            disk.record();
        }

        @Test
        void cutOfNothing(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
            Path file = disk.path("forced");
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[4096]));
                channel.force(true);
            }
            disk.powerCut();
            assertThat(file).hasSize(4096);
        }
    }

    static class Busy {
        @Test
        void neverFiredThoughItCould(@UblkDisk(size = "1MiB", faults = "rule bad: on read nth 9 fail MEDIUM") Disk disk)
                throws IOException {
            read(disk, 40);
            disk.faults().verify("bad").neverFired();
        }

        @Test
        void probe(@UblkDisk(size = "1MiB", faults = "rule fua: on fua note") Disk disk) throws IOException {
            read(disk, 40);
            disk.faults().verify("fua").neverFired();
        }

        @Test
        void lenientAndMet(
                @UblkDisk(size = "1MiB", faults = "rule bad: on read with probability 0.000001 fail IO", lenient = true)
                        Disk disk)
                throws IOException {
            read(disk, 40);
        }

        @Test
        void damageThatWasRead(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            disk.faults().damage(40 * 512L, 512, "garbage");
            read(disk, 40);
        }

        @Test
        void recorded(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            disk.record();
            try (RawDevice device = new RawDevice(disk.device())) {
                device.write(0, Bytes.filled(512, 7));
            }
            try (CrashStates states = disk.crashStates()) {
                assertThat(states.names()).hasSizeGreaterThan(1);
                for (CrashedDisk state : states) {
                    try (RawDevice device = new RawDevice(state.device())) {
                        assertThat(device.read(0, 512)).isIn(new byte[512], Bytes.filled(512, 7));
                    }
                }
            }
        }

        @Test
        void cutOfWhatTheKernelHad(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
            Files.write(disk.path("not-forced"), new byte[65536]);
            disk.powerCut();
            assertThat(disk.path("not-forced")).doesNotExist();
        }
    }

    static class Listening {
        @Test
        void aListenerFails(@UblkDisk(size = "1MiB", faults = "rule n: on read note") Disk disk) throws Exception {
            try (var follower =
                    disk.faults().onFault(fault -> assertThat(fault.sector()).isZero())) {
                read(disk, 40);
                disk.faults().verify("n").awaitFired(Duration.ofSeconds(10));
                follower.awaitEnd();
            }
        }
    }
}
