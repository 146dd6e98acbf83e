package io.ublkdisk.kernel;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * One request of the block layer, written by the driver into the descriptor array of its queue, at index tag: {@code struct
 * ublksrv_io_desc} of {@code linux/ublk_cmd.h}. The acquire load of the completion ring's tail orders all reads of it.
 *
 * <p>This is a window on such an array, moved from one to the next. It reads words of 64 bits, because there is one with each
 * request: the first is {@code op_flags} and {@code nr_sectors}, the {@link #head}.
 */
public final class UblkIoDesc {
    /** {@code sizeof(struct ublksrv_io_desc)}. */
    public static final int BYTES = 24;

    /** The longest that a driver makes one, {@code UBLK_F_IO_DESC_SIZE}: 7.3. */
    public static final int MAX_BYTES = 256;

    public static final int UBLK_IO_OP_READ = 0;
    public static final int UBLK_IO_OP_WRITE = 1;
    public static final int UBLK_IO_OP_FLUSH = 2;
    public static final int UBLK_IO_OP_DISCARD = 3;
    public static final int UBLK_IO_OP_WRITE_ZEROES = 5;
    public static final int UBLK_IO_OP_ZONE_OPEN = 10;
    public static final int UBLK_IO_OP_ZONE_CLOSE = 11;
    public static final int UBLK_IO_OP_ZONE_FINISH = 12;
    public static final int UBLK_IO_OP_ZONE_APPEND = 13;
    public static final int UBLK_IO_OP_ZONE_RESET_ALL = 14;
    public static final int UBLK_IO_OP_ZONE_RESET = 15;
    /** {@code nr_sectors} is the number of zones. */
    public static final int UBLK_IO_OP_REPORT_ZONES = 18;

    public static final int UBLK_IO_F_META = 1 << 11;
    public static final int UBLK_IO_F_FUA = 1 << 13;
    public static final int UBLK_IO_F_NOUNMAP = 1 << 15;
    public static final int UBLK_IO_F_SWAP = 1 << 16;

    /** The driver could not register the request's memory: the server has to. */
    public static final int UBLK_IO_F_NEED_REG_BUF = 1 << 17;

    /** The request has metadata too. */
    public static final int UBLK_IO_F_INTEGRITY = 1 << 18;

    static final int OP_FLAGS = 0;
    static final int NR_SECTORS = 4;
    static final int START_SECTOR = 8;
    static final int ADDR = 16;

    private final LongBuffer words;
    private int at;

    /** @param array of such descriptors, in the processor's byte order; the window begins at the first one */
    public UblkIoDesc(ByteBuffer array) {
        this.words = array.asLongBuffer();
    }

    /** @param offset in bytes, a multiple of 8, as all lengths of a descriptor are */
    public UblkIoDesc moveTo(int offset) {
        at = offset / Long.BYTES;
        return this;
    }

    public long head() {
        return words.get(at + OP_FLAGS / Long.BYTES);
    }

    /** Returns the operation in bits 0 to 7, {@code UBLK_IO_F_*} above. */
    public static int opFlags(long head) {
        return Halves.first(head);
    }

    /** Sectors of 512 bytes; may be fewer than asked for when the driver could not copy all. */
    public static int nrSectors(long head) {
        return Halves.second(head);
    }

    public long startSector() {
        return words.get(at + START_SECTOR / Long.BYTES);
    }
}
