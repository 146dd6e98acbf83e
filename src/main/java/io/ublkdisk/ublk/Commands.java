package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.ring.CompletionQueue;
import io.ublkdisk.ring.IoUring;

/**
 * What a queue and the driver say to each other about the queue's tags. The queue gives all tags away. The driver gives one
 * back with each request. The queue commits the result, and with it the tag. Chosen once per queue; one thread only, the
 * queue's.
 */
abstract class Commands implements CompletionQueue.Handler {

    /** Hears of requests. */
    interface Arrivals {
        /** Tells that the descriptor of the tag at that slot has a request. */
        void arrived(int slot);
    }

    private final int queueId;
    private int liveTags;
    private int refusedTags;
    private int refusal;

    /** Returns how many slots of the ring these take, from 0 on. */
    static int slots(DeviceInfo info, TagShare share) {
        return info.has(UblkFeature.BATCH_IO) ? BatchCommands.slots(share.count()) : share.count();
    }

    static Commands of(DeviceInfo info, TagShare share, IoUring ring, DataPath data, Arrivals arrivals)
            throws ErrnoException {
        if (info.has(UblkFeature.BATCH_IO)) {
            return new BatchCommands(
                    share, info.has(UblkFeature.ZONED), info.has(UblkFeature.AUTO_BUF_REG), ring, data, arrivals);
        }
        if (info.has(UblkFeature.ZONED)) {
            return new ZonedCommands(share, ring, data, arrivals);
        }
        return info.has(UblkFeature.NEED_GET_DATA)
                ? new GetDataCommands(share, ring, data, arrivals)
                : new TagCommands(share, ring, data, arrivals);
    }

    Commands(int queueId) {
        this.queueId = queueId;
    }

    /**
     * Gives the driver all tags, and returns once it has them: the device can start when every queue has done so.
     *
     * @throws ErrnoException if the driver refuses one
     */
    abstract void fetchAll() throws ErrnoException;

    /** Ends the request of the tag at that slot, with the next {@code io_uring_enter}. */
    abstract void commit(int slot, int result);

    /** Ends the ZONE_APPEND of the tag at that slot, which went well and put its data at that sector. */
    abstract void commitAppend(int slot, int result, long sector);

    /**
     * Puts what has been committed into the ring: called before each {@code io_uring_enter}.
     *
     * @return how many answers come at once, and bring nothing: no reason to wake up
     */
    abstract int send();

    /** Gives the tag's commands another address from now on. */
    abstract void readdress(int slot, long address);

    /** Once the ring has been closed. */
    abstract void close();

    /** Returns whether the driver may still send a request. */
    final boolean isLive() {
        return liveTags > 0;
    }

    final void fetched(int tags) {
        liveTags = tags;
    }

    /** Tells that the driver has let go of so many tags for good. */
    final void lost(int tags) {
        liveTags -= tags;
    }

    /** Tells that the driver did not take a command, and so has not got the tags that it was about. */
    final void refused(int tags, int error) {
        liveTags -= tags;
        refusedTags += tags;
        refusal = error;
    }

    final void throwRefusal(String command) throws ErrnoException {
        if (refusedTags > 0) {
            String operation = command + " of queue " + queueId + ", " + refusedTags + " tags refused";
            throw new ErrnoException(operation, Errno.of(refusal));
        }
    }
}
