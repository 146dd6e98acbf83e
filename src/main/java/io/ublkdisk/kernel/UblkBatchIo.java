package io.ublkdisk.kernel;

/**
 * The payload of the batch commands, at {@link Sqe#CMD}: {@code struct ublk_batch_io} of {@code linux/ublk_cmd.h}, 7.0. The
 * elements are at the SQE's {@code addr}.
 */
public final class UblkBatchIo extends Flyweight<UblkBatchIo> {
    /** {@code sizeof(struct ublk_batch_io)}. */
    public static final int BYTES = 16;

    /** Each element has a {@code zone_lba}. */
    public static final int UBLK_BATCH_F_HAS_ZONE_LBA = 1;
    /** Each element has a {@code buf_addr}. */
    public static final int UBLK_BATCH_F_HAS_BUF_ADDR = 1 << 1;

    public static final int UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK = 1 << 2;

    static final int Q_ID = 0;
    static final int FLAGS = 2;
    static final int NR_ELEM = 4;
    static final int ELEM_BYTES = 6;

    @Override
    protected UblkBatchIo self() {
        return this;
    }

    public int qId() {
        return u16(Q_ID);
    }

    public UblkBatchIo qId(int value) {
        return u16(Q_ID, value);
    }

    public int flags() {
        return u16(FLAGS);
    }

    public UblkBatchIo flags(int value) {
        return u16(FLAGS, value);
    }

    public int nrElem() {
        return u16(NR_ELEM);
    }

    public UblkBatchIo nrElem(int value) {
        return u16(NR_ELEM, value);
    }

    /** Returns what the flags say, or the driver refuses: {@link UblkElemHeader#BYTES} and 8 for each optional field. */
    public int elemBytes() {
        return u8(ELEM_BYTES);
    }

    public UblkBatchIo elemBytes(int value) {
        return u8(ELEM_BYTES, value);
    }
}
