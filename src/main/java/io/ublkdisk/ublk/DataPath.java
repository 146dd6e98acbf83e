package io.ublkdisk.ublk;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.ring.IoUring;
import java.nio.ByteBuffer;

/**
 * How the bytes of a queue's requests get between the kernel and {@link QueueRequest#data()}. Each {@link DataMode} is one of
 * these, chosen once per queue from the features that the driver agreed to; one thread only, the queue's.
 */
abstract class DataPath {

    /** Returns how many slots of the ring this takes besides those of the commands. */
    static int slots(DeviceInfo info, TagShare share) {
        return info.has(UblkFeature.SUPPORT_ZERO_COPY) ? ZeroCopyPath.slots(share) : 0;
    }

    /**
     * @param firstSlot of the ring, from where on this may use {@link #slots}
     * @param owner is told of requests that end later than {@link #copyOut}
     */
    static DataPath of(
            DeviceInfo info,
            DeviceParams params,
            TagShare share,
            int charFd,
            IoUring ring,
            int firstSlot,
            RequestOwner owner)
            throws ErrnoException {
        if (info.has(UblkFeature.SUPPORT_ZERO_COPY)) {
            boolean auto = info.has(UblkFeature.AUTO_BUF_REG);
            return new ZeroCopyPath(share, ring, firstSlot, auto, info.serverFlags(), owner);
        }
        TagBuffers buffers =
                share.buffers() != null ? share.buffers() : new TagBuffers(share.count(), info.maxIoBytes());
        if (info.has(UblkFeature.INTEGRITY)) {
            return new IntegrityPath(
                    share,
                    charFd,
                    buffers,
                    info.maxIoBytes(),
                    params.logicalBlockSize(),
                    params.integrity().metadataBytes());
        }
        return info.has(UblkFeature.USER_COPY)
                ? new UserCopyPath(share, charFd, buffers)
                : new CopyPath(share, buffers);
    }

    /** Returns that backend, with what the path puts between it and requests. */
    Backend wrap(Backend backend) {
        return backend;
    }

    /** Returns what the requests of the tag at that slot have as their data. */
    abstract ByteBuffer buffer(int slot);

    /** Returns where the driver shall put the data of the tag's requests, and take it from; 0 where it moves none. */
    abstract long address(int slot);

    /** {@code struct ublk_auto_buf_reg}: where the driver shall register the data of the tag's next request; 0 if it shall not. */
    int autoBuffer(int slot) {
        return 0;
    }

    /** Brings in the data of a request that has just arrived; what is not OK ends it before its backend has seen it. */
    abstract BlockStatus copyIn(QueueRequest request);

    /**
     * Takes out the data of a request that its backend has ended, if well; where that fails it is the request's status. False if
     * that takes longer: the request comes again then.
     */
    abstract boolean copyOut(QueueRequest request);

    /** Takes an answer of the ring to something of this. */
    void completed(long userData, int result) {}

    /** Gives the tag another buffer and another address, since a backend may still be reading the old buffer. */
    abstract void retire(int slot) throws ErrnoException;

    /** Returns the real memory that its buffers have. From any thread. */
    long residentBytes() {
        return 0;
    }

    /** Lets go of the memory: at once, or as soon as no backend can reach a buffer any more. */
    abstract void release(boolean atOnce);
}
