package io.ublkdisk.media;

import io.ublkdisk.block.Request;
import java.nio.ByteBuffer;

/**
 * Reads and changes sectors for a request, wherever {@link FaultyMedia} says that they lie. Each method that returns a boolean
 * returns whether the disk has the power with which the request arrived; if not, it has done nothing.
 */
public interface SectorStore {
    /** Returns how many sectors of 512 bytes the disk has. */
    long sectors();

    /** Returns whether a change needs a FLUSH or FUA to be durable. */
    boolean isVolatile();

    boolean serves(Request request);

    /** @param earlier the bytes that the sectors had before they were last changed */
    boolean read(Request request, boolean earlier, long sector, int sectorCount, ByteBuffer into, int intoOffset);

    /** Writes {@code sectorCount} sectors of the request's data, from that byte of the data on. */
    boolean write(Request request, long sector, int sectorCount, int fromOffset);

    /** Discards or zeroes, as the request says. */
    boolean zero(Request request, long sector, int sectorCount);

    /** Returns room for one sector, which is the request's own. */
    ByteBuffer scratch(Request request);
}
