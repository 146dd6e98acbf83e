package io.ublkdisk.kernel;

/**
 * What the driver knows about a device: {@code struct ublksrv_ctrl_dev_info} of {@code linux/ublk_cmd.h}. ADD_DEV takes it and
 * writes back what it made of it: unknown flags are masked off and not refused, queues are cut to the number of processors.
 */
public final class UblkDevInfo extends Flyweight<UblkDevInfo> {
    /** {@code sizeof(struct ublksrv_ctrl_dev_info)}. */
    public static final int BYTES = 64;

    public static final int UBLK_S_DEV_DEAD = 0;
    public static final int UBLK_S_DEV_LIVE = 1;
    public static final int UBLK_S_DEV_QUIESCED = 2;
    public static final int UBLK_S_DEV_FAIL_IO = 3;

    static final int NR_HW_QUEUES = 0;
    static final int QUEUE_DEPTH = 2;
    static final int STATE = 4;
    static final int IO_DESC_SIZE = 6;
    static final int MAX_IO_BUF_BYTES = 8;
    static final int DEV_ID = 12;
    static final int UBLKSRV_PID = 16;
    static final int FLAGS = 24;
    static final int UBLKSRV_FLAGS = 32;
    static final int OWNER_UID = 40;
    static final int OWNER_GID = 44;

    @Override
    protected UblkDevInfo self() {
        return this;
    }

    public int nrHwQueues() {
        return u16(NR_HW_QUEUES);
    }

    public UblkDevInfo nrHwQueues(int value) {
        return u16(NR_HW_QUEUES, value);
    }

    public int queueDepth() {
        return u16(QUEUE_DEPTH);
    }

    public UblkDevInfo queueDepth(int value) {
        return u16(QUEUE_DEPTH, value);
    }

    /** {@link #UBLK_S_DEV_DEAD} and its kin. */
    public int state() {
        return u16(STATE);
    }

    /**
     * Returns the stride of the descriptor array; 0 from drivers older than 7.3, where it is always {@link UblkIoDesc#BYTES}.
     */
    public int ioDescSize() {
        return u16(IO_DESC_SIZE);
    }

    public UblkDevInfo ioDescSize(int value) {
        return u16(IO_DESC_SIZE, value);
    }

    public int maxIoBufBytes() {
        return s32(MAX_IO_BUF_BYTES);
    }

    public UblkDevInfo maxIoBufBytes(int value) {
        return s32(MAX_IO_BUF_BYTES, value);
    }

    public int devId() {
        return s32(DEV_ID);
    }

    public UblkDevInfo devId(int value) {
        return s32(DEV_ID, value);
    }

    /** Returns the server's process, or -1. */
    public int ublksrvPid() {
        return s32(UBLKSRV_PID);
    }

    /** {@code UBLK_F_*}. */
    public long flags() {
        return u64(FLAGS);
    }

    public UblkDevInfo flags(long value) {
        return u64(FLAGS, value);
    }

    /** Returns the server's own flags; the driver does not look at them. */
    public long ublksrvFlags() {
        return u64(UBLKSRV_FLAGS);
    }

    public UblkDevInfo ublksrvFlags(long value) {
        return u64(UBLKSRV_FLAGS, value);
    }

    public int ownerUid() {
        return s32(OWNER_UID);
    }

    public int ownerGid() {
        return s32(OWNER_GID);
    }
}
