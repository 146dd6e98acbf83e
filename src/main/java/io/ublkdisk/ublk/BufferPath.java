package io.ublkdisk.ublk;

import io.ublkdisk.kernel.ErrnoException;
import java.nio.ByteBuffer;

/** With a buffer of ours for each tag, where a backend finds and leaves the data. Buffers that threads have in common stay. */
abstract class BufferPath extends DataPath {
    final TagShare share;
    final TagBuffers buffers;

    BufferPath(TagShare share, TagBuffers buffers) {
        this.share = share;
        this.buffers = buffers;
    }

    @Override
    final ByteBuffer buffer(int slot) {
        return buffers.buffer(slot);
    }

    @Override
    final void retire(int slot) throws ErrnoException {
        buffers.retire(slot);
    }

    /** Buffers that threads have in common count for the first of them. */
    @Override
    long residentBytes() {
        return share.leader() ? buffers.residentBytes() : 0;
    }

    @Override
    void release(boolean atOnce) {
        if (share.buffers() == null) {
            buffers.release(atOnce);
        }
    }
}
