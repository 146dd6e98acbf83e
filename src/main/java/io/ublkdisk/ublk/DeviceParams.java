package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkParams.LBMD_PI_CAP_INTEGRITY;
import static io.ublkdisk.kernel.UblkParams.LBMD_PI_CAP_REFTAG;
import static io.ublkdisk.kernel.UblkParams.UBLK_ATTR_FUA;
import static io.ublkdisk.kernel.UblkParams.UBLK_ATTR_READ_ONLY;
import static io.ublkdisk.kernel.UblkParams.UBLK_ATTR_ROTATIONAL;
import static io.ublkdisk.kernel.UblkParams.UBLK_ATTR_VOLATILE_CACHE;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_BASIC;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_DISCARD;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_DMA_ALIGN;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_INTEGRITY;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_SEGMENT;
import static io.ublkdisk.kernel.UblkParams.UBLK_PARAM_TYPE_ZONED;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.kernel.UblkParams;
import java.util.Arrays;

/**
 * How a device presents itself to the block layer ({@code struct ublk_params}).
 *
 * @param maxDiscardSectors longest DISCARD in sectors of 512 bytes, 0 for none
 * @param maxWriteZeroesSectors longest WRITE_ZEROES in sectors of 512 bytes, 0 for none
 * @param fua only together with a volatile cache does the kernel use it
 * @param dmaAlignment of each piece of a request's memory, in bytes; 0 for what the driver finds right. Linux 6.15
 * @param integrity what is kept beside each logical block; null for nothing. Linux 7.0
 * @param zones null for a disk that has none
 * @param segments how a request's memory may be cut; null for what the driver finds right. Linux 6.15
 */
public record DeviceParams(
        long sizeBytes,
        int logicalBlockSize,
        int physicalBlockSize,
        int maxIoBytes,
        boolean readOnly,
        boolean rotational,
        boolean volatileCache,
        boolean fua,
        int maxDiscardSectors,
        int maxWriteZeroesSectors,
        Integrity integrity,
        Zones zones,
        int dmaAlignment,
        Segments segments) {

    /**
     * How the disk is cut into zones.
     *
     * @param bytes of each
     * @param maxOpen at the same time, 0 for no limit
     * @param maxActive at the same time, 0 for no limit
     * @param maxAppendBytes the largest ZONE_APPEND
     */
    public record Zones(long bytes, int maxOpen, int maxActive, int maxAppendBytes) {}

    /**
     * How the memory of a request may be cut.
     *
     * @param count at most so many, 1 to 65535
     * @param bytes each at most that long
     * @param boundaryBytes none of them crosses a multiple of that
     */
    public record Segments(int count, int bytes, long boundaryBytes) {}

    /**
     * 1 GiB: longer ones are split by the block layer. From 2 GiB on the byte count of a result would be a negative number, and
     * look like an errno.
     */
    static final int MAX_RANGE_SECTORS = 1 << 21;

    void writeTo(UblkParams params) {
        int attributes = (readOnly ? UBLK_ATTR_READ_ONLY : 0)
                | (rotational ? UBLK_ATTR_ROTATIONAL : 0)
                | (volatileCache ? UBLK_ATTR_VOLATILE_CACHE : 0)
                | (fua && volatileCache ? UBLK_ATTR_FUA : 0);
        boolean ranges = maxDiscardSectors > 0 || maxWriteZeroesSectors > 0;
        params.len(UblkParams.BYTES)
                .types(UBLK_PARAM_TYPE_BASIC | (ranges ? UBLK_PARAM_TYPE_DISCARD : 0))
                .attrs(attributes)
                .logicalBsShift(shift(logicalBlockSize))
                .physicalBsShift(shift(physicalBlockSize))
                .ioMinShift(shift(physicalBlockSize))
                .ioOptShift(shift(physicalBlockSize))
                .maxSectors((int) Sectors.ofBytes(maxIoBytes))
                .devSectors(Sectors.ofBytes(sizeBytes));
        if (ranges) {
            params.discardGranularity(logicalBlockSize)
                    .maxDiscardSectors(maxDiscardSectors)
                    .maxWriteZeroesSectors(maxWriteZeroesSectors)
                    .maxDiscardSegments(1);
        }
        if (integrity != null) {
            int flags = (integrity.capable() ? LBMD_PI_CAP_INTEGRITY : 0)
                    | (integrity.referenceTag() ? LBMD_PI_CAP_REFTAG : 0);
            params.types(params.types() | UBLK_PARAM_TYPE_INTEGRITY)
                    .integrityFlags(flags)
                    .intervalExp(shift(logicalBlockSize))
                    .metadataSize(integrity.metadataBytes())
                    .piOffset(integrity.piOffset())
                    .csumType(integrity.checksum().number())
                    .tagSize(integrity.tagBytes());
        }
        if (zones != null) {
            params.types(params.types() | UBLK_PARAM_TYPE_ZONED)
                    .chunkSectors((int) Sectors.ofBytes(zones.bytes))
                    .maxOpenZones(zones.maxOpen)
                    .maxActiveZones(zones.maxActive)
                    .maxZoneAppendSectors((int) Sectors.ofBytes(zones.maxAppendBytes));
        }
        if (dmaAlignment > 0) {
            params.types(params.types() | UBLK_PARAM_TYPE_DMA_ALIGN).dmaAlignment(dmaAlignment - 1);
        }
        if (segments != null) {
            params.types(params.types() | UBLK_PARAM_TYPE_SEGMENT)
                    .maxSegments(segments.count)
                    .maxSegmentSize(segments.bytes)
                    .segBoundaryMask(segments.boundaryBytes - 1);
        }
    }

    static DeviceParams of(UblkParams params) {
        int attributes = params.attrs();
        boolean ranges = (params.types() & UBLK_PARAM_TYPE_DISCARD) != 0;
        return new DeviceParams(
                Sectors.toBytes(params.devSectors()),
                1 << params.logicalBsShift(),
                1 << params.physicalBsShift(),
                (int) Sectors.toBytes(params.maxSectors()),
                (attributes & UBLK_ATTR_READ_ONLY) != 0,
                (attributes & UBLK_ATTR_ROTATIONAL) != 0,
                (attributes & UBLK_ATTR_VOLATILE_CACHE) != 0,
                (attributes & UBLK_ATTR_FUA) != 0,
                ranges ? params.maxDiscardSectors() : 0,
                ranges ? params.maxWriteZeroesSectors() : 0,
                (params.types() & UBLK_PARAM_TYPE_INTEGRITY) != 0 ? integrity(params) : null,
                (params.types() & UBLK_PARAM_TYPE_ZONED) != 0
                        ? new Zones(
                                Sectors.toBytes(params.chunkSectors()),
                                params.maxOpenZones(),
                                params.maxActiveZones(),
                                (int) Sectors.toBytes(params.maxZoneAppendSectors()))
                        : null,
                (params.types() & UBLK_PARAM_TYPE_DMA_ALIGN) != 0 ? params.dmaAlignment() + 1 : 0,
                (params.types() & UBLK_PARAM_TYPE_SEGMENT) != 0
                        ? new Segments(params.maxSegments(), params.maxSegmentSize(), params.segBoundaryMask() + 1)
                        : null);
    }

    private static Integrity integrity(UblkParams params) {
        Integrity.Checksum checksum = Arrays.stream(Integrity.Checksum.values())
                .filter(known -> known.number() == params.csumType())
                .findFirst()
                .orElse(Integrity.Checksum.NONE);
        return new Integrity(
                params.metadataSize(),
                params.piOffset(),
                checksum,
                params.tagSize(),
                (params.integrityFlags() & LBMD_PI_CAP_INTEGRITY) != 0,
                (params.integrityFlags() & LBMD_PI_CAP_REFTAG) != 0);
    }

    private static int shift(int powerOfTwo) {
        return Integer.numberOfTrailingZeros(powerOfTwo);
    }
}
