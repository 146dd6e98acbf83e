package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.kernel.ErrnoException;
import java.nio.ByteBuffer;

/**
 * The driver itself copies: the data of a WRITE before it hands over the request, the data of a READ when it is committed. So
 * it knows each tag's buffer, and there is nothing left to do.
 */
final class CopyPath extends DataPath {
    private final TagShare share;
    private final TagBuffers buffers;

    CopyPath(TagShare share, TagBuffers buffers) {
        this.share = share;
        this.buffers = buffers;
    }

    @Override
    ByteBuffer buffer(int slot) {
        return buffers.buffer(slot);
    }

    @Override
    long address(int slot) {
        return buffers.address(slot);
    }

    @Override
    BlockStatus bringIn(QueueRequest request) {
        return BlockStatus.OK;
    }

    @Override
    boolean takeOut(QueueRequest request) {
        return true;
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
