package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.UblkCommands;
import java.nio.ByteBuffer;

/**
 * {@code UBLK_F_USER_COPY}: we copy, by reading and writing {@code /dev/ublkcN} at the place that stands for the request. Both on
 * the queue's thread, which to the driver is the one that has the request: it takes no reference for that.
 */
final class UserCopyPath extends DataPath {
    private final TagShare share;
    private final int charFd;
    private final TagBuffers buffers;

    UserCopyPath(TagShare share, int charFd, TagBuffers buffers) {
        this.share = share;
        this.charFd = charFd;
        this.buffers = buffers;
    }

    @Override
    ByteBuffer buffer(int slot) {
        return buffers.buffer(slot);
    }

    @Override
    long address(int slot) {
        return 0;
    }

    @Override
    BlockStatus bringIn(QueueRequest request) {
        return request.operation() == Operation.WRITE ? transfer(request, true) : BlockStatus.OK;
    }

    @Override
    BlockStatus takeOut(QueueRequest request) {
        return request.operation() == Operation.READ ? transfer(request, false) : BlockStatus.OK;
    }

    /** Either may move less than all. What is left of a READ would be whatever the kernel's pages held before. */
    private BlockStatus transfer(QueueRequest request, boolean in) {
        long address = buffers.address(request.slot);
        long offset = UblkCommands.bufferOffset(share.queueId(), request.tag());
        long length = request.lengthBytes();
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

    @Override
    void retire(int slot) throws ErrnoException {
        buffers.retire(slot);
    }

    @Override
    void release(boolean atOnce) {
        if (share.buffers() == null) {
            buffers.release(atOnce);
        }
    }
}
