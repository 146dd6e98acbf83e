package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.RequestDriver;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.kernel.LinuxCalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The settings that newer kernels have: what comes of them on a device. */
@Timeout(120)
class ParamsIT {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 8 * MIB;
    private static final int BLKRRPART = 0x125f;
    private static final String LIMITS_SINCE = "6.15";

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    @Test
    void segmentsAndDmaAlignmentAreTheBlockLayersLimits() throws Exception {
        UblkDeviceBuilder settings =
                UblkDevice.builder(new MemoryBackend(SIZE)).dmaAlignment(512).segments(32, 32_768, 65_536);
        if (!Needs.isAtLeast(LIMITS_SINCE)) {
            assertThatThrownBy(settings::create)
                    .isInstanceOf(UblkException.class)
                    .hasMessageContaining("use Linux " + LIMITS_SINCE + " or newer");
            return;
        }
        try (UblkDevice device = settings.create()) {
            assertThat(device.params()).isEqualTo(settings.params());
            device.start();
            assertThat(Sysfs.queue(device, "max_segments")).isEqualTo("32");
            assertThat(Sysfs.queue(device, "max_segment_size")).isEqualTo("32768");
            assertThat(Sysfs.queue(device, "dma_alignment")).isEqualTo("511");
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(512, 3 * MIB, 1);
                disk.expectPattern(512, 3 * MIB, 1);
            }
        }
    }

    /** Every limit is the driver's own: one step further and SET_PARAMS, without our check before it, fails. */
    @Test
    void driverAcceptsTheLimitsThatWeNameAndNothingBeyond() throws Exception {
        assumeFalse(!Needs.isAtLeast(LIMITS_SINCE), "needs Linux " + LIMITS_SINCE);
        DeviceParams good = UblkDevice.builder(new MemoryBackend(SIZE))
                .dmaAlignment(2048)
                .segments(1, 4096, 4096)
                .params();
        List<DeviceParams> bad = List.of(
                with(good, 4096 * 2, good.segments()),
                with(good, 48, good.segments()),
                with(good, 512, new DeviceParams.Segments(1, 2048, 4096)),
                with(good, 512, new DeviceParams.Segments(1, 4096, 2048)),
                with(good, 512, new DeviceParams.Segments(1, 4096, 12_288)));
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create();
                UblkControl control = UblkControl.open(java.time.Duration.ofSeconds(10))) {
            control.setParams(device.id(), good);
            for (DeviceParams params : bad) {
                assertThatThrownBy(() -> control.setParams(device.id(), params))
                        .as("%s", params)
                        .hasMessageContaining("EINVAL");
            }
        }
    }

    @Test
    void combinationThatTheDriverRefusesIsExplained() throws Exception {
        UblkDeviceBuilder settings = UblkDevice.builder(new MemoryBackend(SIZE)).require(UblkFeature.ZONED);
        assertThatThrownBy(settings::create)
                .isInstanceOf(UblkException.class)
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("zones and integrity need USER_COPY");
    }

    @Test
    void longerDescriptorsAreReadAtTheirPlaces() throws Exception {
        Needs.features(List.of(UblkFeature.IO_DESC_SIZE));
        for (int bytes : new int[] {32, 64, 256}) {
            try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                    .ioDescSize(bytes)
                    .queues(2)
                    .queueDepth(64)
                    .create()) {
                device.start();
                assertThat(device.info().ioDescSize()).isEqualTo(bytes);
                Fio.verify(device.path(), 2, 32, 1);
            }
        }
    }

    @Test
    void partitionsAreLookedForUnlessOneSaysNo() throws Exception {
        Needs.features(List.of(UblkFeature.NO_AUTO_PART_SCAN));
        try (UblkDevice unscanned =
                        UblkDevice.builder(partitioned()).autoPartScan(false).create();
                UblkDevice scanned = UblkDevice.builder(partitioned()).create()) {
            unscanned.start();
            scanned.start();
            assertThat(appears(partition(scanned))).isTrue();
            assertThat(partition(unscanned)).doesNotExist();
            int fd = LinuxCalls.open(unscanned.path().toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
            assertThat(LinuxCalls.ioctl(fd, BLKRRPART, 0)).isZero();
            LinuxCalls.close(fd);
            assertThat(appears(partition(unscanned))).as("when asked").isTrue();
        }
    }

    private static DeviceParams with(DeviceParams p, int dmaAlignment, DeviceParams.Segments segments) {
        return new DeviceParams(
                p.sizeBytes(),
                p.logicalBlockSize(),
                p.physicalBlockSize(),
                p.maxIoBytes(),
                p.readOnly(),
                p.rotational(),
                p.volatileCache(),
                p.fua(),
                p.maxDiscardSectors(),
                p.maxWriteZeroesSectors(),
                p.integrity(),
                p.zones(),
                dmaAlignment,
                segments);
    }

    /** A disk with one DOS partition, from 1 MiB on. */
    private static MemoryBackend partitioned() throws Exception {
        byte[] table = new byte[512];
        ByteBuffer fields = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        fields.put(446 + 4, (byte) 0x83).putInt(446 + 8, 2048).putInt(446 + 12, 4096);
        fields.putShort(510, (short) 0xAA55);
        MemoryBackend backend = new MemoryBackend(SIZE);
        assertThat(new RequestDriver(backend).write(0, table)).isEqualTo(BlockStatus.OK);
        return backend;
    }

    private static Path partition(UblkDevice device) {
        String name = device.path().getFileName().toString();
        return Path.of("/sys/block", name, name + "p1");
    }

    private static boolean appears(Path path) {
        long deadline = Clock.nanos() + 20_000_000_000L;
        while (!Files.exists(path)) {
            if (Clock.nanos() - deadline > 0) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
