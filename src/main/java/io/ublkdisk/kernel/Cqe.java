package io.ublkdisk.kernel;

/**
 * A completion queue entry: {@code struct io_uring_cqe} of {@code linux/io_uring.h}.
 */
public final class Cqe extends Flyweight<Cqe> {
    /** {@code sizeof(struct io_uring_cqe)}. */
    public static final int BYTES = 16;

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
