package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.UblkCommands;

/**
 * {@code UBLK_F_USER_COPY}: we copy, by reading and writing {@code /dev/ublkcN} at the place that stands for the request. Both on
 * the queue's thread, which to the driver is the one that has the request: it takes no reference for that.
 */
class UserCopyPath extends BufferPath {
    private final int charFd;

    UserCopyPath(TagShare share, int charFd, TagBuffers buffers) {
        super(share, buffers);
        this.charFd = charFd;
    }

    @Override
    long address(int slot) {
        return 0;
    }

    @Override
    BlockStatus copyIn(QueueRequest request) {
        return request.operation() == Operation.WRITE
                ? transfer(request.slot, request.tag(), request.lengthBytes(), true)
                : BlockStatus.OK;
    }

    @Override
    boolean copyOut(QueueRequest request) {
        if (request.operation() == Operation.READ && request.status == BlockStatus.OK) {
            request.status = transfer(request.slot, request.tag(), request.lengthBytes(), false);
        }
        return true;
    }

    final BlockStatus transfer(int slot, int tag, long length, boolean in) {
        return transfer(buffers.address(slot), place(tag), length, in);
    }

    /** Returns where in {@code /dev/ublkcN} the data of that tag's request are. */
    final long place(int tag) {
        return UblkCommands.bufferOffset(share.queueId(), tag);
    }

    /** Either way may move less than all. What is left of a READ would be whatever the kernel's pages held before. */
    final BlockStatus transfer(long address, long offset, long length, boolean in) {
        for (long done = 0; done < length; ) {
            long moved = in
                    ? LinuxCalls.pread(charFd, address + done, length - done, offset + done)
                    : LinuxCalls.pwrite(charFd, address + done, length - done, offset + done);
            if (moved <= 0) {
                return BlockStatus.IO;
            }
            done += moved;
        }
        return BlockStatus.OK;
    }
}
