package io.ublkdisk.disk;

import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.media.PagePool;

/** What the drive keeps with each tag while its request is in flight, so that nothing is allocated per request. */
final class Flight {
    /** Room for the pages of the longest write, which may begin and end inside a page. */
    final int[] pages;

    final Decision decision = new Decision();
    /** What the witness calls the request; 0 without one. */
    long number;
    /** When it arrived; only for a witness. */
    long arrivedNanos;
    /** Whether the decision is about this request; else it is an old one. */
    boolean isFaulty;
    /** Whether it is a write among those that {@link InFlight} knows. */
    boolean waits;
    /** The power cycle in which the request arrived. */
    int powerCycle;
    /** For a FLUSH, one after the newest change that it has to cover. */
    long flushBelow;

    private Flight(Request request) {
        pages = new int[(request.data().capacity() >> PagePool.PAGE_SHIFT) + 2];
    }

    static Flight of(Request request) {
        if (request.attachment() instanceof Flight flight) {
            return flight;
        }
        Flight flight = new Flight(request);
        request.attach(flight);
        return flight;
    }
}
