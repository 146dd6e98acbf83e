package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.IntegrityMemoryBackend;
import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.NullBackend;
import io.ublkdisk.backend.ZonedMemoryBackend;
import io.ublkdisk.block.Integrity;
import io.ublkdisk.kernel.UblkParams;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class UblkDeviceBuilderTest {

    @Test
    void impossibleValuesAreNamedWithTheirSetterAndWhatIsPossible() {
        refused(b -> b.queues(0), "queues 0: must be from 1 to 4096");
        refused(b -> b.queues(4097), "queues 4097: must be from 1 to 4096");
        refused(b -> b.queueDepth(0), "queueDepth 0: must be from 1 to 4096");
        refused(b -> b.queueDepth(5000), "queueDepth 5000: must be from 1 to 4096");
        refused(b -> b.maxIoBytes(2048), "maxIoBytes 2048: must be from 4096 to 33554432");
        refused(b -> b.maxIoBytes(5000), "maxIoBytes 5000: must be a multiple of 4096");
        refused(b -> b.logicalBlockSize(513), "logicalBlockSize 513: must be a power of two from 512 to 4096");
        refused(b -> b.logicalBlockSize(8192), "logicalBlockSize 8192: must be a power of two from 512 to 4096");
        refused(
                b -> b.logicalBlockSize(4096).physicalBlockSize(512),
                "physicalBlockSize 512: must be a power of two from 4096 to 1048576");
        refused(b -> b.threadsPerQueue(0), "threadsPerQueue 0: must be from 1 to 64");
        refused(b -> b.threadsPerQueue(65), "threadsPerQueue 65: must be from 1 to 64");
        refused(b -> b.queueDepth(2).threadsPerQueue(3), "threadsPerQueue 3: must be from 1 to 2");
        refused(
                b -> b.batch(true).dataMode(DataMode.NEED_GET_DATA),
                "batch true: not with dataMode NEED_GET_DATA, which is a command for each tag; use another dataMode");
        assertThatThrownBy(() -> UblkDevice.builder(new IntegrityMemoryBackend(4096, 512))
                        .create())
                .hasMessage("dataMode COPY: an IntegrityBackend needs USER_COPY");
        assertThatThrownBy(() ->
                        UblkDevice.builder(new ZonedMemoryBackend(8192, 4096)).create())
                .hasMessage("dataMode COPY: a ZonedBackend needs USER_COPY");
        assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(4096))
                        .dataMode(DataMode.ZERO_COPY)
                        .create())
                .hasMessage(
                        "dataMode ZERO_COPY: needs a ZeroCopyBackend, and MemoryBackend is not one; use COPY or USER_COPY");
        refused(b -> b.ioDescSize(16), "ioDescSize 16: must be from 24 to 256");
        refused(b -> b.ioDescSize(264), "ioDescSize 264: must be from 24 to 256");
        refused(b -> b.ioDescSize(60), "ioDescSize 60: must be a multiple of 8");
        refused(b -> b.dmaAlignment(48), "dmaAlignment 48: must be a power of two from 1 to 4096");
        refused(b -> b.dmaAlignment(8192), "dmaAlignment 8192: must be a power of two from 1 to 4096");
        refused(b -> b.segments(0, 4096, 4096), "segments count 0: must be from 1 to 65535");
        refused(b -> b.segments(1, 512, 4096), "segments bytes 512: must be from 4096 to 2147483647");
        refused(b -> b.segments(1, 4096, 12_288), "segments boundaryBytes 12288: must be a power of two from 4096 on");
        refused(b -> b.segments(1, 4096, 2048), "segments boundaryBytes 2048: must be a power of two from 4096 on");
        refused(b -> b.id(-2), "id -2: must be from -1 to 1048575");
        refused(
                b -> b.autoBufRegRotates(true).threadsPerQueue(2),
                "autoBufRegRotates true: not with threadsPerQueue 2; these threads do not know each other's numbers; use 1");
        refused(b -> b.controlTimeout(Duration.ZERO), "controlTimeout PT0S: must be longer than nothing");
        refused(b -> b.drainTimeout(Duration.ofSeconds(-1)), "drainTimeout PT-1S: must be longer than nothing");
        assertThatThrownBy(() -> UblkDevice.builder(new NullBackend(0)).create())
                .hasMessageContaining("sizeBytes() 0: must be positive and a multiple of the logical block size, 512");
        assertThatThrownBy(() -> UblkDevice.builder(new NullBackend(4096 + 512))
                        .logicalBlockSize(4096)
                        .create())
                .hasMessageContaining("4608: must be positive and a multiple of the logical block size, 4096");
    }

    /** go-ublk 5: sectors were counted in logical blocks, and all attributes were left out. */
    @Test
    void paramsAreInTheDriversUnits() {
        UblkParams params = new UblkParams().wrap(ByteBuffer.allocate(152).order(ByteOrder.nativeOrder()), 0);
        DeviceParams settings = UblkDevice.builder(new NullBackend(1 << 30))
                .logicalBlockSize(4096)
                .rotational(true)
                .readOnly(true)
                .params();
        settings.writeTo(params);
        assertThat(params.devSectors()).as("512 bytes each").isEqualTo(1 << 21);
        assertThat(params.maxSectors()).as("512 bytes each").isEqualTo(2048);
        assertThat(params.logicalBsShift()).isEqualTo(12);
        assertThat(params.physicalBsShift()).isEqualTo(12);
        assertThat(params.attrs()).as("read-only, rotational, cache, FUA").isEqualTo(15);
        assertThat(params.types()).isEqualTo(3);
        assertThat(params.discardGranularity()).as("bytes").isEqualTo(4096);
        assertThat(params.maxDiscardSectors()).isLessThan(1 << 22);
        assertThat(params.maxDiscardSegments()).isEqualTo(1);
        assertThat(params.len()).isEqualTo(152);
        assertThat(DeviceParams.of(params)).isEqualTo(settings);
    }

    /** The driver's own checks, {@code ublk_validate_params} of 7.3: what passes ours passes them. */
    @Test
    void masksAreOneLessThanWhatTheyStandFor() {
        UblkParams params = new UblkParams().wrap(ByteBuffer.allocate(152).order(ByteOrder.nativeOrder()), 0);
        DeviceParams settings = UblkDevice.builder(new NullBackend(1 << 20))
                .dmaAlignment(512)
                .segments(32, 32_768, 1L << 32)
                .params();
        settings.writeTo(params);
        assertThat(params.types()).isEqualTo(1 | 2 | 0x10 | 0x20);
        assertThat(params.dmaAlignment()).isEqualTo(511);
        assertThat(params.segBoundaryMask()).isEqualTo((1L << 32) - 1);
        assertThat(params.maxSegmentSize()).isEqualTo(32_768);
        assertThat(params.maxSegments()).isEqualTo(32);
        assertThat(DeviceParams.of(params)).isEqualTo(settings);
    }

    @Test
    void whatIsKeptBesideABlockMustHoldItsChecksum() {
        besideRefused(
                new Integrity(0, 0, Integrity.Checksum.NONE, 0, false, false), "metadataBytes() 0: must be from 1");
        besideRefused(new Integrity(8, 1, Integrity.Checksum.IP, 0, false, false), "piOffset() 1: must be from 0 to 0");
        besideRefused(
                new Integrity(8, 0, Integrity.Checksum.CRC64_NVME, 0, false, false),
                "metadataBytes() 8: CRC64_NVME needs 16");
        besideRefused(
                new Integrity(8, 0, Integrity.Checksum.NONE, 0, false, true), "referenceTag() true: needs a checksum");
    }

    private static void besideRefused(Integrity integrity, String message) {
        int bytes = Math.max(1, integrity.metadataBytes());
        IntegrityMemoryBackend backend = new IntegrityMemoryBackend(4096 * bytes, 512, integrity);
        assertThatThrownBy(() ->
                        UblkDevice.builder(backend).dataMode(DataMode.USER_COPY).create())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void featuresAreThoseThatTheSettingsNeed() {
        assertThat(UblkDevice.builder(new NullBackend(4096)).features()).isEmpty();
        assertThat(UblkDevice.builder(new NullBackend(4096))
                        .dataMode(DataMode.USER_COPY)
                        .ioDescSize(64)
                        .autoPartScan(false)
                        .require(UblkFeature.UPDATE_SIZE)
                        .features())
                .containsExactlyInAnyOrder(
                        UblkFeature.USER_COPY,
                        UblkFeature.IO_DESC_SIZE,
                        UblkFeature.NO_AUTO_PART_SCAN,
                        UblkFeature.UPDATE_SIZE);
    }

    @Test
    void fuaIsNothingWithoutAVolatileCache() {
        DeviceParams settings =
                UblkDevice.builder(new NullBackend(4096)).volatileCache(false).params();
        assertThat(settings.fua()).isFalse();
    }

    @Test
    void withoutDiscardAndWriteZeroesTheirPartIsLeftOut() {
        UblkParams params = new UblkParams().wrap(ByteBuffer.allocate(152).order(ByteOrder.nativeOrder()), 0);
        UblkDevice.builder(new NullBackend(4096))
                .discard(false)
                .writeZeroes(false)
                .params()
                .writeTo(params);
        assertThat(params.types()).isEqualTo(UblkParams.UBLK_PARAM_TYPE_BASIC);
    }

    private static void refused(UnaryOperator<UblkDeviceBuilder> setting, String message) {
        assertThatThrownBy(() -> setting.apply(UblkDevice.builder(new NullBackend(1 << 20)))
                        .create())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
