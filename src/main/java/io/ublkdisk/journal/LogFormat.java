package io.ublkdisk.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a log of dm-log-writes lies in a file ({@code drivers/md/dm-log-writes.c}; all numbers little-endian):
 *
 * <pre>
 *   sector 0      super   magic u64, version u64, nr_entries u64, sectorsize u32
 *   then for each entry
 *     one sector  entry   sector u64, nr_sectors u64, flags u64, data_len u64, then a mark's text of data_len bytes
 *     nr_sectors  data    none after a discard
 * </pre>
 *
 * Sectors, in the log and of the disk, have {@code sectorsize} bytes, which the kernel takes from the disk's logical block size.
 * What stands behind the last of {@code nr_entries} counts for nothing, so a log that is being written is whole at any time.
 */
final class LogFormat {
    static final long MAGIC = 0x6a736677736872L;
    static final long VERSION = 1;
    static final int SUPER_BYTES = 28;
    static final int ENTRY_BYTES = 32;
    /** The kernel's buffer for a mark ends with a zero. */
    static final int LONGEST_MARK_BYTES = 512 - ENTRY_BYTES - 1;

    private LogFormat() {}

    static ByteBuffer sector(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
