package io.ublkdisk.kernel;

/**
 * The payload of FETCH_REQ and COMMIT_AND_FETCH_REQ, at {@link Sqe#CMD} of a 64-byte SQE: {@code struct ublksrv_io_cmd} of {@code
 * linux/ublk_cmd.h}.
 */
public final class UblkIoCmd extends Flyweight<UblkIoCmd> {
    /** {@code sizeof(struct ublksrv_io_cmd)}. */
    public static final int BYTES = 16;

    static final int Q_ID = 0;
    static final int TAG = 2;
    static final int RESULT = 4;
    static final int ADDR = 8;

    @Override
    protected UblkIoCmd self() {
        return this;
    }

    public int qId() {
        return u16(Q_ID);
    }

    public UblkIoCmd qId(int value) {
        return u16(Q_ID, value);
    }

    public int tag() {
        return u16(TAG);
    }

    public UblkIoCmd tag(int value) {
        return u16(TAG, value);
    }

    /** Bytes done, or {@code -errno}. */
    public int result() {
        return s32(RESULT);
    }

    public UblkIoCmd result(int value) {
        return s32(RESULT, value);
    }

    /** Returns where READ data is taken from and where the tag's next WRITE goes to. */
    public long addr() {
        return u64(ADDR);
    }

    public UblkIoCmd addr(long value) {
        return u64(ADDR, value);
    }
}
