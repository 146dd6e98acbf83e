package io.ublkdisk.kernel;

/**
 * What {@code io_uring_setup} takes and gives back: {@code struct io_uring_params} of {@code linux/io_uring.h}. The {@code sq} and
 * {@code cq} accessors are offsets into the ring mapping.
 */
public final class IoUringParams extends Flyweight<IoUringParams> {
    /** {@code sizeof(struct io_uring_params)}. */
    public static final int BYTES = 120;

    public static final int IORING_SETUP_COOP_TASKRUN = 1 << 8;
    public static final int IORING_SETUP_SQE128 = 1 << 10;
    public static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;
    public static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;

    public static final int IORING_FEAT_SINGLE_MMAP = 1;
    public static final int IORING_FEAT_EXT_ARG = 1 << 8;

    static final int SQ_ENTRIES = 0;
    static final int CQ_ENTRIES = 4;
    static final int FLAGS = 8;
    static final int FEATURES = 20;
    static final int SQ_HEAD = 40;
    static final int SQ_TAIL = 44;
    static final int SQ_RING_MASK = 48;
    static final int SQ_ARRAY = 64;
    static final int CQ_HEAD = 80;
    static final int CQ_TAIL = 84;
    static final int CQ_RING_MASK = 88;
    static final int CQ_OVERFLOW = 96;
    static final int CQ_CQES = 100;

    @Override
    protected IoUringParams self() {
        return this;
    }

    public int sqEntries() {
        return s32(SQ_ENTRIES);
    }

    public int cqEntries() {
        return s32(CQ_ENTRIES);
    }

    public IoUringParams flags(int value) {
        return s32(FLAGS, value);
    }

    public int features() {
        return s32(FEATURES);
    }

    public int sqHead() {
        return s32(SQ_HEAD);
    }

    public int sqTail() {
        return s32(SQ_TAIL);
    }

    public int sqRingMask() {
        return s32(SQ_RING_MASK);
    }

    public int sqArray() {
        return s32(SQ_ARRAY);
    }

    public int cqHead() {
        return s32(CQ_HEAD);
    }

    public int cqTail() {
        return s32(CQ_TAIL);
    }

    public int cqRingMask() {
        return s32(CQ_RING_MASK);
    }

    public int cqOverflow() {
        return s32(CQ_OVERFLOW);
    }

    public int cqCqes() {
        return s32(CQ_CQES);
    }
}
