package io.ublkdisk.kernel;

/**
 * A completion queue entry: {@code struct io_uring_cqe} of {@code linux/io_uring.h}.
 */
public final class Cqe extends Flyweight<Cqe> {
    /** {@code sizeof(struct io_uring_cqe)}. */
    public static final int BYTES = 16;

    /** The upper 16 bits of the flags are the number of the provided buffer that has the answer. */
    public static final int IORING_CQE_F_BUFFER = 1;
    /** The command goes on: more answers will come. */
    public static final int IORING_CQE_F_MORE = 1 << 1;

    public static final int IORING_CQE_BUFFER_SHIFT = 16;

    static final int USER_DATA = 0;
    static final int RES = 8;
    static final int CQE_FLAGS = 12;

    @Override
    protected Cqe self() {
        return this;
    }

    public long userData() {
        return u64(USER_DATA);
    }

    public Cqe userData(long value) {
        return u64(USER_DATA, value);
    }

    /** The result, or {@code -errno}. */
    public int res() {
        return s32(RES);
    }

    public Cqe res(int value) {
        return s32(RES, value);
    }

    public int flags() {
        return s32(CQE_FLAGS);
    }

    public Cqe flags(int value) {
        return s32(CQE_FLAGS, value);
    }
}
