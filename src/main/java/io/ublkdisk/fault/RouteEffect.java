package io.ublkdisk.fault;

import io.ublkdisk.block.Request;

/** Sends the sectors of a request elsewhere, or nowhere: of a write where each lands, of a read where each comes from. */
public interface RouteEffect extends MediaEffect {
    /** Nowhere: of a write it does not arrive, of a read it is zeroes. */
    long LOST = -1;

    @Override
    default boolean changesBytes() {
        return true;
    }

    /**
     * Returns where that sector goes.
     *
     * @param index of the sector in the request, from 0
     * @return a sector, which may be past the end of the disk and is then as good as {@link #LOST}
     */
    long route(Request request, int index);
}
