package io.ublkdisk.cache;

import io.ublkdisk.block.Operation;
import io.ublkdisk.media.CowMedia;

/**
 * Is told of all that changes a drive, in the order in which it is acknowledged. Under the drive's lock, so it must be quick.
 * Numbers are those of the drive's own log.
 */
public interface ChangeListener {
    /** Begins with these bytes, of which a listener may make a fork, and with what is unflushed. */
    void begin(CowMedia durable, WriteLog unflushed);

    /**
     * @param flags of its request; with {@link io.ublkdisk.block.Request#FUA} it is durable
     * @param pages of a write, and the owner's: who keeps them retains them
     */
    void changed(Operation operation, int flags, long sector, int sectorCount, int[] pages, int count);

    /** Tells that a FLUSH has made durable what has smaller numbers than that. */
    void flushed(long belowInLog);

    /** Tells that this change survives every power cut from now on. */
    void forced(long inLog);

    /**
     * Tells that the disk has other contents, all durable, by a power cut or a rewind.
     *
     * @return whether it wants to be told what happens to those
     */
    boolean exchanged(CowMedia durable, WriteLog none);

    /** Tells that nothing more comes. */
    void end(String why);
}
