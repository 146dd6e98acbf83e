package io.ublkdisk.kernel;

/**
 * One tag in a batch: {@code struct ublk_elem_header} of {@code linux/ublk_cmd.h}, 7.0, and the optional field behind it.
 */
public final class UblkElemHeader extends Flyweight<UblkElemHeader> {
    /** {@code sizeof(struct ublk_elem_header)}. */
    public static final int BYTES = 8;

    static final int TAG = 0;
    static final int BUF_INDEX = 2;
    static final int RESULT = 4;
    static final int PLACE = 8;

    @Override
    protected UblkElemHeader self() {
        return this;
    }

    public int tag() {
        return u16(TAG);
    }

    public UblkElemHeader tag(int value) {
        return u16(TAG, value);
    }

    /**
     * Returns where in the ring's table of buffers the next request's is to be registered; with {@code UBLK_F_AUTO_BUF_REG}.
     */
    public int bufIndex() {
        return u16(BUF_INDEX);
    }

    public UblkElemHeader bufIndex(int value) {
        return u16(BUF_INDEX, value);
    }

    /** Bytes done, or {@code -errno}; in a commit. */
    public int result() {
        return s32(RESULT);
    }

    public UblkElemHeader result(int value) {
        return s32(RESULT, value);
    }

    /**
     * {@code buf_addr} with {@link UblkBatchIo#UBLK_BATCH_F_HAS_BUF_ADDR}, and {@code zone_lba} with {@link
     * UblkBatchIo#UBLK_BATCH_F_HAS_ZONE_LBA}; no device has both, as a zoned one copies by itself.
     */
    public long place() {
        return u64(PLACE);
    }

    public UblkElemHeader place(long value) {
        return u64(PLACE, value);
    }
}
