package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.kernel.ErrnoException;
import java.nio.ByteBuffer;

/**
 * How the bytes of a queue's requests get between the kernel and {@link QueueRequest#data()}. Each {@link DataMode} is one of
 * these, chosen once per queue from the features that the driver agreed to; one thread only, the queue's.
 */
abstract class DataPath {

    static DataPath of(DeviceInfo info, TagShare share, int charFd) throws ErrnoException {
        TagBuffers buffers =
                share.buffers() != null ? share.buffers() : new TagBuffers(share.count(), info.maxIoBytes());
        return info.has(UblkFeature.USER_COPY)
                ? new UserCopyPath(share, charFd, buffers)
                : new CopyPath(share, buffers);
    }

    /** What the requests of the tag at that slot have as their data. */
    abstract ByteBuffer buffer(int slot);

    /** Where the driver shall put the data of the tag's requests, and take it from; 0 where it moves none. */
    abstract long address(int slot);

    /** Brings in the data of a request that has just arrived; what is not OK ends it before its backend has seen it. */
    abstract BlockStatus bringIn(QueueRequest request);

    /** Takes out the data of a request that its backend has ended well; how it ends then. */
    abstract BlockStatus takeOut(QueueRequest request);

    /** A backend may still be reading that buffer: the tag gets another one, and another address. */
    abstract void retire(int slot) throws ErrnoException;

    /** Lets go of the memory: at once, or as soon as no backend can reach a buffer any more. */
    abstract void release(boolean atOnce);
}
