package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Sqe;

/** One operation on a file under way for a request, as long as it takes: the kernel may do it in several steps. */
final class FileOperation {
    /** What it is known by to the ring. */
    final int number;

    QueueRequest request;
    int opcode;
    /** {@code rw_flags}, {@code fsync_flags}. */
    int flags;

    int fd;
    long fileOffset;
    /** Within the request's data; for {@code fallocate} the length. */
    long address;
    /** For {@code fallocate} the mode. */
    int length;

    int bufferIndex;
    FileOperation nextFree;

    FileOperation(int number) {
        this.number = number;
    }

    boolean movesData() {
        return opcode == Sqe.IORING_OP_READ_FIXED || opcode == Sqe.IORING_OP_WRITE_FIXED;
    }

    /** Returns whether so many bytes are all; otherwise it is about the rest from now on. */
    boolean advance(int bytes) {
        fileOffset += bytes;
        address += bytes;
        length -= bytes;
        return length == 0;
    }
}
