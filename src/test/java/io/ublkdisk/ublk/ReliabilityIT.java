package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Recovery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many devices, many lives, a server that stands still, memory that stays. */
@Timeout(600)
class ReliabilityIT {
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");
    private static final int DEVICES = ALL ? 64 : 12;
    private static final int CYCLES = ALL ? 1000 : 25;
    private static final Duration STANDSTILL = Duration.ofSeconds(ALL ? 60 : 2);
    private static final int SIZE = 4 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    @Test
    void manyDevicesServeAtOnceEachItsOwnBytes() throws Exception {
        List<UblkDevice> devices = new ArrayList<>();
        try {
            for (int i = 0; i < DEVICES; i++) {
                UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                        .queueDepth(4)
                        .maxIoBytes(65536)
                        .create();
                devices.add(device);
                device.start();
            }
            assertThat(UblkControl.deviceIds()).hasSize(DEVICES);
            for (int i = 0; i < DEVICES; i++) {
                try (DirectDisk disk = new DirectDisk(devices.get(i).path())) {
                    disk.writePattern(0, 65536, i);
                }
            }
            for (int i = 0; i < DEVICES; i++) {
                try (DirectDisk disk = new DirectDisk(devices.get(i).path())) {
                    disk.expectPattern(0, 65536, i);
                }
            }
        } finally {
            for (UblkDevice device : devices) {
                device.close();
            }
        }
    }

    @Test
    void lifeAfterLifeLeavesNothing() throws Exception {
        live();
        long descriptors = Sysfs.openDescriptors();
        long mappings = Sysfs.mappings("");
        long threads = Thread.getAllStackTraces().size();
        for (int i = 0; i < CYCLES; i++) {
            live();
        }
        assertThat(Sysfs.openDescriptors()).isEqualTo(descriptors);
        assertThat(Sysfs.mappings("[io_uring]")).isZero();
        assertThat(Sysfs.mappings("ublkc")).isZero();
        // The JVM maps things of its own; a leak would be of several for each life.
        assertThat(Sysfs.mappings("")).isLessThan(mappings + CYCLES);
        assertThat((long) Thread.getAllStackTraces().size()).isLessThanOrEqualTo(threads + 3);
    }

    private static void live() throws Exception {
        try (UblkDevice device =
                UblkDevice.builder(new MemoryBackend(SIZE)).queueDepth(8).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(4096, 4096, 1);
                disk.expectPattern(4096, 4096, 1);
            }
        }
    }

    @Test
    void serverThatStandsStillForAWhileGoesOnWhereItWas(@TempDir Path folder) throws Exception {
        try (FileServer server = new FileServer();
                UblkControl control = UblkControl.open(Duration.ofSeconds(20))) {
            int id = server.serve(folder.resolve("disk"), Recovery.NONE);
            try (DirectDisk disk = new DirectDisk(Path.of("/dev/ublkb" + id))) {
                disk.writePattern(0, 65536, 1);
                server.signal("STOP");
                CompletableFuture<Integer> write = RecoveryIT.begin(() -> {
                    disk.writePattern(65536, 65536, 2);
                    return 1;
                });
                TimeUnit.MILLISECONDS.sleep(STANDSTILL.toMillis());
                assertThat(write).isNotDone();
                server.signal("CONT");
                assertThat(RecoveryIT.ends(write)).isEqualTo(1);
                disk.expectPattern(0, 65536, 1);
                disk.expectPattern(65536, 65536, 2);
            }
            server.kill();
            control.delete(id);
        }
    }

    @Test
    void buffersAreLockedInMemory() throws Exception {
        long before = lockedKib();
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                .queueDepth(16)
                .maxIoBytes(1 << 20)
                .create()) {
            device.start();
            assertThat(lockedKib()).isGreaterThanOrEqualTo(before + 16 * 1024);
        }
        assertThat(lockedKib()).isEqualTo(before);
    }

    private static long lockedKib() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmLck:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
