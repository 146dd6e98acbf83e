package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ublkdisk.backend.IntegrityMemoryBackend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.Integrity.Checksum;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Request;
import io.ublkdisk.kernel.Errno;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checksums that the block layer makes when a block is written, that we keep, and that it checks when the block is read. */
@Timeout(120)
class IntegrityIT {
    private static final int MIB = 1 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void kernelShowsTheFormatThatWasAskedFor(Integrity integrity, String format) throws Exception {
        UblkDeviceBuilder settings = UblkDevice.builder(new IntegrityMemoryBackend(MIB, 512, integrity))
                .dataMode(DataMode.USER_COPY);
        Needs.features(settings.features());
        try (UblkDevice device = settings.create()) {
            assertThat(device.params()).isEqualTo(settings.params());
            device.start();
            assertThat(Sysfs.text(device, "integrity/format")).isEqualTo(format);
            assertThat(Sysfs.text(device, "integrity/tag_size")).isEqualTo("" + integrity.tagBytes());
            assertThat(Sysfs.text(device, "integrity/device_is_integrity_capable"))
                    .isEqualTo(integrity.capable() ? "1" : "0");
            assertThat(Sysfs.text(device, "integrity/protection_interval_bytes"))
                    .isEqualTo("512");
            try (DirectDisk direct = new DirectDisk(device.path())) {
                direct.writePattern(512, 65_536, 1);
                direct.expectPattern(512, 65_536, 1);
            }
        }
    }

    static Stream<Arguments> formats() {
        return Stream.of(
                arguments(new Integrity(8, 0, Checksum.NONE, 0, false, false), "nop"),
                arguments(new Integrity(64, 56, Checksum.IP, 0, true, false), "T10-DIF-TYPE3-IP"),
                arguments(new Integrity(8, 0, Checksum.CRC16_T10DIF, 0, false, true), "T10-DIF-TYPE1-CRC"),
                arguments(new Integrity(16, 0, Checksum.CRC64_NVME, 8, false, false), "EXT-DIF-TYPE3-CRC64"));
    }

    @ParameterizedTest
    @CsvSource({"512, false", "4096, false", "4096, true"})
    void blockLayerFindsTheBitThatWasFlippedBehindItsBack(int block, boolean batch) throws Exception {
        IntegrityMemoryBackend disk = new IntegrityMemoryBackend(8 * MIB, block);
        UblkDeviceBuilder settings = UblkDevice.builder(disk)
                .dataMode(DataMode.USER_COPY)
                .logicalBlockSize(block)
                .batch(batch);
        Needs.features(settings.features());
        try (UblkDevice device = settings.create()) {
            device.start();
            assertThat(Sysfs.text(device, "integrity/format")).isEqualTo("T10-DIF-TYPE1-CRC");
            try (DirectDisk direct = new DirectDisk(device.path())) {
                direct.writePattern(0, 3 * MIB, 1);
                direct.writePattern(4 * MIB, 8 * block, 2);
                direct.expectPattern(0, 3 * MIB, 1);
                direct.expectPattern(4 * MIB, 8 * block, 2);
                direct.expectZeroes(5 * MIB, MIB);
                disk.corrupt(4 * MIB + 3 * block + 17);
                assertThat(Errno.of(direct.read(4 * MIB + 3 * block, block))).isEqualTo(Errno.EILSEQ);
                assertThat(Errno.of(direct.read(4 * MIB, 8 * block))).isEqualTo(Errno.EILSEQ);
                direct.expectPattern(4 * MIB, 3 * block, 2);
                direct.writePattern(4 * MIB, 8 * block, 3);
                direct.expectPattern(4 * MIB, 8 * block, 3);
                direct.discard(4 * MIB, MIB);
                direct.expectZeroes(4 * MIB, MIB);
            }
            Map<BlockStatus, Long> errors = device.metrics().errors();
            assertThat(errors).as("the device itself saw none").isEmpty();
        }
    }

    /** Keeps metadata only while it is whole. */
    private static final class Failing implements IntegrityBackend {
        private final IntegrityMemoryBackend disk = new IntegrityMemoryBackend(MIB, 512);
        private volatile boolean broken;

        @Override
        public long sizeBytes() {
            return disk.sizeBytes();
        }

        @Override
        public void submit(Request request) {
            disk.submit(request);
        }

        @Override
        public void writeMetadata(Request request, ByteBuffer metadata) {
            check();
            disk.writeMetadata(request, metadata);
        }

        @Override
        public void readMetadata(Request request, ByteBuffer metadata) {
            check();
            disk.readMetadata(request, metadata);
        }

        private void check() {
            if (broken) {
                throw new IllegalStateException("no metadata");
            }
        }
    }

    @Test
    void metadataThatCannotBeKeptOrFoundCostOnlyTheirRequest() throws Exception {
        Failing backend = new Failing();
        List<Throwable> reported = new CopyOnWriteArrayList<>();
        DeviceListener listener = new DeviceListener() {
            @Override
            public void backendThrew(Request request, Throwable thrown) {
                reported.add(thrown);
            }
        };
        UblkDeviceBuilder settings =
                UblkDevice.builder(backend).dataMode(DataMode.USER_COPY).listener(listener);
        Needs.features(settings.features());
        try (UblkDevice device = settings.create()) {
            device.start();
            try (DirectDisk direct = new DirectDisk(device.path())) {
                direct.writePattern(0, 4096, 1);
                backend.broken = true;
                assertThat(Errno.of(direct.read(0, 4096))).isEqualTo(Errno.EIO);
                assertThat(Errno.of(direct.write(0, 4096))).isEqualTo(Errno.EIO);
                backend.broken = false;
                direct.writePattern(0, 4096, 2);
                direct.expectPattern(0, 4096, 2);
            }
            assertThat(device.isRunning()).isTrue();
            assertThat(reported).hasSize(2);
            assertThat(device.metrics().backendFailures()).isEqualTo(2);
            assertThat(device.metrics().errors()).containsEntry(BlockStatus.IO, 2L);
        }
    }
}
