package io.ublkdisk.kernel;

/**
 * The commands of the ublk driver in their ioctl-encoded form, {@code linux/ublk_cmd.h}: direction, size of the payload,
 * {@code 'u'} and number in one word. Kernels may be built without the bare numbers, and GET_FEATURES never had one.
 */
public final class UblkCommands {
    public static final int UBLK_U_CMD_GET_QUEUE_AFFINITY = 0x80207501;
    public static final int UBLK_U_CMD_GET_DEV_INFO = 0x80207502;
    public static final int UBLK_U_CMD_ADD_DEV = 0xC0207504;
    public static final int UBLK_U_CMD_DEL_DEV = 0xC0207505;
    public static final int UBLK_U_CMD_START_DEV = 0xC0207506;
    public static final int UBLK_U_CMD_STOP_DEV = 0xC0207507;
    public static final int UBLK_U_CMD_SET_PARAMS = 0xC0207508;
    public static final int UBLK_U_CMD_GET_PARAMS = 0x80207509;
    public static final int UBLK_U_CMD_START_USER_RECOVERY = 0xC0207510;
    public static final int UBLK_U_CMD_END_USER_RECOVERY = 0xC0207511;
    public static final int UBLK_U_CMD_GET_DEV_INFO2 = 0x80207512;
    public static final int UBLK_U_CMD_GET_FEATURES = 0x80207513;
    public static final int UBLK_U_CMD_DEL_DEV_ASYNC = 0x80207514;
    public static final int UBLK_U_CMD_UPDATE_SIZE = 0xC0207515;
    public static final int UBLK_U_CMD_QUIESCE_DEV = 0xC0207516;
    public static final int UBLK_U_CMD_TRY_STOP_DEV = 0xC0207517;

    public static final int UBLK_U_IO_FETCH_REQ = 0xC0107520;
    public static final int UBLK_U_IO_COMMIT_AND_FETCH_REQ = 0xC0107521;
    public static final int UBLK_U_IO_NEED_GET_DATA = 0xC0107522;

    public static final int UBLK_U_IO_REGISTER_IO_BUF = 0xC0107523;
    public static final int UBLK_U_IO_UNREGISTER_IO_BUF = 0xC0107524;
    public static final int UBLK_U_IO_PREP_IO_CMDS = 0xC0107525;
    public static final int UBLK_U_IO_COMMIT_IO_CMDS = 0xC0107526;
    public static final int UBLK_U_IO_FETCH_IO_CMDS = 0xC0107527;

    /** The result of a FETCH or COMMIT under which the tag is gone for good: {@code -ENODEV}. */
    public static final int UBLK_IO_RES_ABORT = -19;

    public static final int UBLK_IO_RES_OK = 0;
    public static final int UBLK_IO_RES_NEED_GET_DATA = 1;

    public static final int UBLK_MAX_QUEUE_DEPTH = 4096;
    public static final int UBLK_MAX_NR_QUEUES = 4096;

    /** In an offset of user copy: not the data of the request, but what is kept beside them. */
    public static final long UBLKSRV_IO_INTEGRITY_FLAG = 1L << 62;

    private static final long UBLKSRV_IO_BUF_OFFSET = 0x8000_0000L;
    private static final int UBLK_TAG_OFF = 25;
    private static final int UBLK_QID_OFF = 41;

    static final int PAGE_BYTES = 4096;

    private UblkCommands() {}

    /**
     * Returns where in /dev/ublkcN the descriptors of a queue begin. The stride is that of the deepest possible queue, whatever
     * the depth: anything less maps queue 0 again.
     *
     * @param ioDescSize bytes of each descriptor
     */
    public static long descriptorOffset(int queueId, int ioDescSize) {
        return (long) queueId * pages(UBLK_MAX_QUEUE_DEPTH * ioDescSize);
    }

    /** Returns how many bytes to map there: exactly that many, or mmap fails. */
    public static int descriptorBytes(int queueDepth, int ioDescSize) {
        return pages(queueDepth * ioDescSize);
    }

    /** Returns where in /dev/ublkcN the data of a request is, with {@code UBLK_F_USER_COPY}. */
    public static long bufferOffset(int queueId, int tag) {
        return UBLKSRV_IO_BUF_OFFSET + ((long) queueId << UBLK_QID_OFF) + ((long) tag << UBLK_TAG_OFF);
    }

    private static int pages(int bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }
}
