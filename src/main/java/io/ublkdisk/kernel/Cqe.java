package io.ublkdisk.kernel;

/**
 * A completion queue entry: {@code struct io_uring_cqe} of {@code linux/io_uring.h}. It is read as two words of 64 bits, since
 * there is one with each request: {@code user_data}, and the answer, which is {@code res} and {@code flags}.
 */
public final class Cqe {
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

    public static final int USER_DATA_WORD = USER_DATA / Long.BYTES;
    public static final int ANSWER_WORD = RES / Long.BYTES;

    private Cqe() {}

    /** Returns the result, or {@code -errno}. */
    public static int res(long answer) {
        return Halves.first(answer);
    }

    public static int flags(long answer) {
        return Halves.second(answer);
    }
}
