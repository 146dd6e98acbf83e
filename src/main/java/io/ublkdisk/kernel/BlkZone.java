package io.ublkdisk.kernel;

/** One zone in a report: {@code struct blk_zone} of {@code linux/blkzoned.h}. Sectors are 512 bytes. */
public final class BlkZone extends Flyweight<BlkZone> {
    /** {@code sizeof(struct blk_zone)}. */
    public static final int BYTES = 64;

    /** Must be written from front to back. */
    public static final int BLK_ZONE_TYPE_SEQWRITE_REQ = 2;

    static final int START = 0;
    static final int LEN = 8;
    static final int WP = 16;
    static final int TYPE = 24;
    static final int COND = 25;
    static final int CAPACITY = 32;

    @Override
    protected BlkZone self() {
        return this;
    }

    public BlkZone start(long sector) {
        return u64(START, sector);
    }

    public BlkZone len(long sectors) {
        return u64(LEN, sectors);
    }

    public BlkZone wp(long sector) {
        return u64(WP, sector);
    }

    public BlkZone type(int value) {
        return u8(TYPE, value);
    }

    public BlkZone cond(int value) {
        return u8(COND, value);
    }

    public BlkZone capacity(long sectors) {
        return u64(CAPACITY, sectors);
    }

    /** Sets all 64 bytes to 0. */
    public BlkZone clear() {
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            u64(i, 0);
        }
        return this;
    }
}
