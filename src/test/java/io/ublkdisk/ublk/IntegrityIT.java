package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.IntegrityMemoryBackend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.kernel.Errno;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checksums that the block layer makes when a block is written, that we keep, and that it checks when the block is read. */
@Timeout(120)
class IntegrityIT {
    private static final int MIB = 1 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
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
}
