package io.ublkdisk.kernel;

/**
 * The payload of a control command, at {@link Sqe#CMD} of a 128-byte SQE: {@code struct ublksrv_ctrl_cmd} of {@code
 * linux/ublk_cmd.h}.
 */
public final class UblkCtrlCmd extends Flyweight<UblkCtrlCmd> {
    /** {@code sizeof(struct ublksrv_ctrl_cmd)}. */
    public static final int BYTES = 32;

    /** {@code queue_id} of a command that is not about one queue. */
    public static final int NO_QUEUE = 0xFFFF;

    static final int DEV_ID = 0;
    static final int QUEUE_ID = 4;
    static final int LEN = 6;
    static final int ADDR = 8;
    static final int DATA = 16;
    static final int DEV_PATH_LEN = 24;

    @Override
    protected UblkCtrlCmd self() {
        return this;
    }

    /** Returns the device, or -1 for any in ADD_DEV. */
    public int devId() {
        return s32(DEV_ID);
    }

    public UblkCtrlCmd devId(int value) {
        return s32(DEV_ID, value);
    }

    /** 0xFFFF where the command is not about one queue; GET_QUEUE_AFFINITY has its queue in {@link #data}. */
    public int queueId() {
        return u16(QUEUE_ID);
    }

    public UblkCtrlCmd queueId(int value) {
        return u16(QUEUE_ID, value);
    }

    /** Bytes of the buffer. */
    public int len() {
        return u16(LEN);
    }

    public UblkCtrlCmd len(int value) {
        return u16(LEN, value);
    }

    /** Returns the address of the buffer, which must stay mapped until the command has completed. */
    public long addr() {
        return u64(ADDR);
    }

    public UblkCtrlCmd addr(long value) {
        return u64(ADDR, value);
    }

    /** Returns the inline argument, {@code data[0]}. */
    public long data() {
        return u64(DATA);
    }

    public UblkCtrlCmd data(long value) {
        return u64(DATA, value);
    }

    public int devPathLen() {
        return u16(DEV_PATH_LEN);
    }

    public UblkCtrlCmd devPathLen(int value) {
        return u16(DEV_PATH_LEN, value);
    }
}
