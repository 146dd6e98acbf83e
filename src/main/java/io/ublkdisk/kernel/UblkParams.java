package io.ublkdisk.kernel;

/**
 * The parameters of a device: {@code struct ublk_params} of {@code linux/ublk_cmd.h}, in the form of 7.3. Older drivers know only
 * its beginning and cut {@code len} accordingly. All {@code …Sectors} are 512 bytes, shifts are powers of two in bytes.
 */
public final class UblkParams extends Flyweight<UblkParams> {
    /** {@code sizeof(struct ublk_params)}. */
    public static final int BYTES = 152;

    public static final int UBLK_PARAM_TYPE_BASIC = 1;
    public static final int UBLK_PARAM_TYPE_DISCARD = 1 << 1;
    public static final int UBLK_PARAM_TYPE_DEVT = 1 << 2;
    public static final int UBLK_PARAM_TYPE_ZONED = 1 << 3;
    public static final int UBLK_PARAM_TYPE_DMA_ALIGN = 1 << 4;
    public static final int UBLK_PARAM_TYPE_SEGMENT = 1 << 5;
    public static final int UBLK_PARAM_TYPE_INTEGRITY = 1 << 6;

    /** {@code linux/fs.h}: the block layer makes and checks the metadata. */
    public static final int LBMD_PI_CAP_INTEGRITY = 1;
    /** The metadata have a reference tag. */
    public static final int LBMD_PI_CAP_REFTAG = 1 << 1;

    /** The shortest segment that the block layer can do with. */
    public static final int UBLK_MIN_SEGMENT_SIZE = 4096;

    public static final int UBLK_ATTR_READ_ONLY = 1;
    public static final int UBLK_ATTR_ROTATIONAL = 1 << 1;
    public static final int UBLK_ATTR_VOLATILE_CACHE = 1 << 2;
    /** Honoured only together with {@link #UBLK_ATTR_VOLATILE_CACHE}. */
    public static final int UBLK_ATTR_FUA = 1 << 3;

    static final int LEN = 0;
    static final int TYPES = 4;
    static final int ATTRS = 8;
    static final int LOGICAL_BS_SHIFT = 12;
    static final int PHYSICAL_BS_SHIFT = 13;
    static final int IO_OPT_SHIFT = 14;
    static final int IO_MIN_SHIFT = 15;
    static final int MAX_SECTORS = 16;
    static final int CHUNK_SECTORS = 20;
    static final int DEV_SECTORS = 24;
    static final int VIRT_BOUNDARY_MASK = 32;
    static final int DISCARD_ALIGNMENT = 40;
    static final int DISCARD_GRANULARITY = 44;
    static final int MAX_DISCARD_SECTORS = 48;
    static final int MAX_WRITE_ZEROES_SECTORS = 52;
    static final int MAX_DISCARD_SEGMENTS = 56;
    static final int CHAR_MAJOR = 60;
    static final int CHAR_MINOR = 64;
    static final int DISK_MAJOR = 68;
    static final int DISK_MINOR = 72;
    static final int MAX_OPEN_ZONES = 76;
    static final int MAX_ACTIVE_ZONES = 80;
    static final int MAX_ZONE_APPEND_SECTORS = 84;
    static final int DMA_ALIGNMENT = 108;
    static final int SEG_BOUNDARY_MASK = 120;
    static final int MAX_SEGMENT_SIZE = 128;
    static final int MAX_SEGMENTS = 132;
    static final int INTEGRITY_FLAGS = 136;
    static final int INTERVAL_EXP = 142;
    static final int METADATA_SIZE = 143;
    static final int PI_OFFSET = 144;
    static final int CSUM_TYPE = 145;
    static final int TAG_SIZE = 146;

    @Override
    protected UblkParams self() {
        return this;
    }

    public int len() {
        return s32(LEN);
    }

    public UblkParams len(int value) {
        return s32(LEN, value);
    }

    /** Returns which of the parts below are meant: {@link #UBLK_PARAM_TYPE_BASIC} and its kin. */
    public int types() {
        return s32(TYPES);
    }

    public UblkParams types(int value) {
        return s32(TYPES, value);
    }

    public int attrs() {
        return s32(ATTRS);
    }

    public UblkParams attrs(int value) {
        return s32(ATTRS, value);
    }

    public int logicalBsShift() {
        return u8(LOGICAL_BS_SHIFT);
    }

    public UblkParams logicalBsShift(int value) {
        return u8(LOGICAL_BS_SHIFT, value);
    }

    public int physicalBsShift() {
        return u8(PHYSICAL_BS_SHIFT);
    }

    public UblkParams physicalBsShift(int value) {
        return u8(PHYSICAL_BS_SHIFT, value);
    }

    public int ioOptShift() {
        return u8(IO_OPT_SHIFT);
    }

    public UblkParams ioOptShift(int value) {
        return u8(IO_OPT_SHIFT, value);
    }

    public int ioMinShift() {
        return u8(IO_MIN_SHIFT);
    }

    public UblkParams ioMinShift(int value) {
        return u8(IO_MIN_SHIFT, value);
    }

    public int maxSectors() {
        return s32(MAX_SECTORS);
    }

    public UblkParams maxSectors(int value) {
        return s32(MAX_SECTORS, value);
    }

    public int chunkSectors() {
        return s32(CHUNK_SECTORS);
    }

    public UblkParams chunkSectors(int value) {
        return s32(CHUNK_SECTORS, value);
    }

    public long devSectors() {
        return u64(DEV_SECTORS);
    }

    public UblkParams devSectors(long value) {
        return u64(DEV_SECTORS, value);
    }

    public long virtBoundaryMask() {
        return u64(VIRT_BOUNDARY_MASK);
    }

    public UblkParams virtBoundaryMask(long value) {
        return u64(VIRT_BOUNDARY_MASK, value);
    }

    /** Bytes. */
    public int discardAlignment() {
        return s32(DISCARD_ALIGNMENT);
    }

    public UblkParams discardAlignment(int value) {
        return s32(DISCARD_ALIGNMENT, value);
    }

    /** Bytes. */
    public int discardGranularity() {
        return s32(DISCARD_GRANULARITY);
    }

    public UblkParams discardGranularity(int value) {
        return s32(DISCARD_GRANULARITY, value);
    }

    public int maxDiscardSectors() {
        return s32(MAX_DISCARD_SECTORS);
    }

    public UblkParams maxDiscardSectors(int value) {
        return s32(MAX_DISCARD_SECTORS, value);
    }

    public int maxWriteZeroesSectors() {
        return s32(MAX_WRITE_ZEROES_SECTORS);
    }

    public UblkParams maxWriteZeroesSectors(int value) {
        return s32(MAX_WRITE_ZEROES_SECTORS, value);
    }

    public int maxDiscardSegments() {
        return u16(MAX_DISCARD_SEGMENTS);
    }

    public UblkParams maxDiscardSegments(int value) {
        return u16(MAX_DISCARD_SEGMENTS, value);
    }

    public int charMajor() {
        return s32(CHAR_MAJOR);
    }

    public int charMinor() {
        return s32(CHAR_MINOR);
    }

    public int diskMajor() {
        return s32(DISK_MAJOR);
    }

    public int diskMinor() {
        return s32(DISK_MINOR);
    }

    public int maxOpenZones() {
        return s32(MAX_OPEN_ZONES);
    }

    public UblkParams maxOpenZones(int value) {
        return s32(MAX_OPEN_ZONES, value);
    }

    public int maxActiveZones() {
        return s32(MAX_ACTIVE_ZONES);
    }

    public UblkParams maxActiveZones(int value) {
        return s32(MAX_ACTIVE_ZONES, value);
    }

    public int maxZoneAppendSectors() {
        return s32(MAX_ZONE_APPEND_SECTORS);
    }

    public UblkParams maxZoneAppendSectors(int value) {
        return s32(MAX_ZONE_APPEND_SECTORS, value);
    }

    /** Returns a mask: the alignment in bytes less one. */
    public int dmaAlignment() {
        return s32(DMA_ALIGNMENT);
    }

    public UblkParams dmaAlignment(int value) {
        return s32(DMA_ALIGNMENT, value);
    }

    /** Returns a mask: no segment crosses a multiple of it and one. */
    public long segBoundaryMask() {
        return u64(SEG_BOUNDARY_MASK);
    }

    public UblkParams segBoundaryMask(long value) {
        return u64(SEG_BOUNDARY_MASK, value);
    }

    /** Bytes. */
    public int maxSegmentSize() {
        return s32(MAX_SEGMENT_SIZE);
    }

    public UblkParams maxSegmentSize(int value) {
        return s32(MAX_SEGMENT_SIZE, value);
    }

    public int maxSegments() {
        return u16(MAX_SEGMENTS);
    }

    public UblkParams maxSegments(int value) {
        return u16(MAX_SEGMENTS, value);
    }

    /** {@link #LBMD_PI_CAP_INTEGRITY} and its kin. */
    public int integrityFlags() {
        return s32(INTEGRITY_FLAGS);
    }

    public UblkParams integrityFlags(int value) {
        return s32(INTEGRITY_FLAGS, value);
    }

    /** Returns how many bytes have metadata of their own, as a power of two. */
    public int intervalExp() {
        return u8(INTERVAL_EXP);
    }

    public UblkParams intervalExp(int value) {
        return u8(INTERVAL_EXP, value);
    }

    /** Bytes of metadata for each interval. */
    public int metadataSize() {
        return u8(METADATA_SIZE);
    }

    public UblkParams metadataSize(int value) {
        return u8(METADATA_SIZE, value);
    }

    public int piOffset() {
        return u8(PI_OFFSET);
    }

    public UblkParams piOffset(int value) {
        return u8(PI_OFFSET, value);
    }

    public int tagSize() {
        return u8(TAG_SIZE);
    }

    public UblkParams tagSize(int value) {
        return u8(TAG_SIZE, value);
    }

    public int csumType() {
        return u8(CSUM_TYPE);
    }

    public UblkParams csumType(int value) {
        return u8(CSUM_TYPE, value);
    }
}
