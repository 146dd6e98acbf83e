package io.ublkdisk.kernel;

/**
 * A submission queue entry as a command to a driver uses it: {@code struct io_uring_sqe} of {@code linux/io_uring.h}. With
 * {@code IORING_SETUP_SQE128} an entry is twice as long and {@link #CMD} has 80 bytes.
 */
public final class Sqe extends Flyweight<Sqe> {
    /** {@code sizeof(struct io_uring_sqe)}. */
    public static final int BYTES = 64;

    public static final int IORING_OP_FSYNC = 3;
    public static final int IORING_OP_READ_FIXED = 4;
    public static final int IORING_OP_WRITE_FIXED = 5;
    public static final int IORING_OP_FALLOCATE = 17;
    public static final int IORING_OP_READ = 22;
    public static final int IORING_OP_URING_CMD = 46;
    public static final int IOSQE_FIXED_FILE = 1;
    public static final int IOSQE_BUFFER_SELECT = 1 << 5;
    public static final int IORING_URING_CMD_MULTISHOT = 1 << 1;

    /** {@code cmd}: where the payload of a driver's command begins. */
    public static final int CMD = 48;

    static final int OPCODE = 0;
    static final int SQE_FLAGS = 1;
    static final int FD = 4;
    static final int CMD_OP = 8;
    static final int ADDR = 16;
    static final int LEN = 24;
    static final int URING_CMD_FLAGS = 28;
    static final int USER_DATA = 32;
    static final int BUF_INDEX = 40;

    @Override
    protected Sqe self() {
        return this;
    }

    public int opcode() {
        return u8(OPCODE);
    }

    public Sqe opcode(int value) {
        return u8(OPCODE, value);
    }

    public int flags() {
        return u8(SQE_FLAGS);
    }

    public Sqe flags(int value) {
        return u8(SQE_FLAGS, value);
    }

    /** Returns a descriptor, or an index of the registered files with {@link #IOSQE_FIXED_FILE}. */
    public int fd() {
        return s32(FD);
    }

    public Sqe fd(int value) {
        return s32(FD, value);
    }

    /** Returns the driver's command. Shares its place with the file offset of a read: the upper half must be 0. */
    public int cmdOp() {
        return s32(CMD_OP);
    }

    public Sqe cmdOp(int value) {
        return s32(CMD_OP, value);
    }

    /** Returns the offset in a file. */
    public long off() {
        return u64(CMD_OP);
    }

    public Sqe off(long value) {
        return u64(CMD_OP, value);
    }

    public long addr() {
        return u64(ADDR);
    }

    public Sqe addr(long value) {
        return u64(ADDR, value);
    }

    public int len() {
        return s32(LEN);
    }

    public Sqe len(int value) {
        return s32(LEN, value);
    }

    public int uringCmdFlags() {
        return s32(URING_CMD_FLAGS);
    }

    public Sqe uringCmdFlags(int value) {
        return s32(URING_CMD_FLAGS, value);
    }

    /** {@code RWF_*} of a read or write, and the flags of other operations on files, which share their place. */
    public int rwFlags() {
        return s32(URING_CMD_FLAGS);
    }

    public Sqe rwFlags(int value) {
        return s32(URING_CMD_FLAGS, value);
    }

    /** Returns a registered buffer, or with {@link #IOSQE_BUFFER_SELECT} a group of provided ones. */
    public int bufIndex() {
        return u16(BUF_INDEX);
    }

    public Sqe bufIndex(int value) {
        return u16(BUF_INDEX, value);
    }

    /** Comes back in the CQE. */
    public long userData() {
        return u64(USER_DATA);
    }

    public Sqe userData(long value) {
        return u64(USER_DATA, value);
    }

    /** Sets all 64 bytes to 0. */
    public Sqe clear() {
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            buffer.putLong(offset + i, 0);
        }
        return this;
    }
}
