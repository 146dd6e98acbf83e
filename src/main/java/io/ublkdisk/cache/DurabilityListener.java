package io.ublkdisk.cache;

import io.ublkdisk.block.Operation;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PageRun;

/**
 * Is shown what becomes durable, in an order in which doing it again makes the same disk, and so that a crash at any point of
 * that order could have left what was shown before. On the thread that changes the disk and under its lock: be quick.
 */
public interface DurabilityListener {
    /**
     * The disk has these bytes, all durable: at the beginning, and when they were exchanged by a power cut or a rewind.
     *
     * @param bytes the witness's, to close
     * @param exchanged whether there were others before
     */
    void contents(CowMedia bytes, boolean exchanged);

    /**
     * A change is durable.
     *
     * @param flags {@link io.ublkdisk.block.Request#FUA} if it was so at once, by FUA or because the disk has no volatile cache;
     *     {@link io.ublkdisk.block.Request#META} if the filesystem calls it metadata
     * @param data of a write, the witness's, to close; else null
     */
    void changed(Operation operation, int flags, long sector, int sectorCount, PageRun data);

    /** A FLUSH has ended: all that was acknowledged before it came has been shown. */
    void flushed();

    /** Nothing more comes. What was not durable yet has been shown before, as if it had been written back. */
    void end(String why);
}
