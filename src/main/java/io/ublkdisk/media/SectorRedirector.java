package io.ublkdisk.media;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.RouteEffect;
import java.nio.ByteBuffer;

/**
 * Serves requests whose sectors a rule sends elsewhere. Neighbouring sectors that go the same way go together, as one
 * change. So a write that lands elsewhere is unflushed there like any other write. A lost write never reaches the cache: a
 * read sees the old bytes at once, and not only after a power cut.
 */
final class SectorRedirector {
    private final SectorStore store;

    SectorRedirector(SectorStore store) {
        this.store = store;
    }

    /** Returns whether a read does not simply come from its own sectors. */
    static boolean redirects(Decision decision) {
        return decision.reroutes() || decision.readsEarlierBytes();
    }

    boolean read(Request request, Decision decision) {
        for (int from = 0; from < request.sectorCount(); ) {
            long place = place(request, decision, from);
            boolean stale = isStale(request, decision, from);
            int to = from + 1;
            while (to < request.sectorCount()
                    && goesOn(place, from, place(request, decision, to), to)
                    && stale == isStale(request, decision, to)) {
                to++;
            }
            if (place == RouteEffect.LOST) {
                zero(request, from, to);
            } else if (!store.read(request, stale, place, to - from, request.data(), from << Sectors.SHIFT)) {
                return false;
            }
            from = to;
        }
        if (!store.serves(request)) { // also if nothing came to the cache
            return false;
        }
        prove(request, decision, false);
        return true;
    }

    boolean write(Request request, Decision decision) {
        prove(request, decision, false);
        return inRuns(
                request, decision, (place, from, count) -> store.write(request, place, count, from << Sectors.SHIFT));
    }

    boolean zero(Request request, Decision decision) {
        prove(request, decision, true);
        return inRuns(request, decision, (place, from, count) -> store.zero(request, place, count));
    }

    /**
     * Finds out which rules make a difference. For a read that has been filled: whether its bytes differ from the bytes of
     * its sectors. For a change that is about to be made: whether its sectors, or the sectors where it lands, have other
     * bytes now.
     */
    private void prove(Request request, Decision decision, boolean zeroes) {
        // A forced write that goes astray leaves unflushed what it would have made durable, whatever its bytes.
        boolean forced = request.fua() && store.isVolatile();
        for (int index = 0; index < request.sectorCount() && decision.hasUnprovenWay(); index++) {
            long sector = request.sector() + index;
            long place = place(request, decision, index);
            boolean astray = place != sector || isStale(request, decision, index);
            if (astray
                    && (forced
                            || hasOtherBytes(request, index, sector, zeroes)
                            || request.operation() != Operation.READ
                                    && place != RouteEffect.LOST
                                    && hasOtherBytes(request, index, place, zeroes))) {
                decision.wayChanged(request, index);
            }
        }
    }

    /** Returns whether that sector of the disk has other bytes than the one of that index in the request. */
    private boolean hasOtherBytes(Request request, int index, long sector, boolean zeroes) {
        ByteBuffer there = store.scratch(request);
        if (!store.read(request, false, sector, 1, there, 0)) {
            return false;
        }
        int start = index << Sectors.SHIFT;
        for (int at = 0; at < Sectors.BYTES; at += Long.BYTES) {
            if (there.getLong(at) != (zeroes ? 0 : request.data().getLong(start + at))) {
                return true;
            }
        }
        return false;
    }

    /** A run of sectors that stay side by side, from the one of that index in the request on. */
    private interface Run {
        boolean go(long place, int from, int count);
    }

    private boolean inRuns(Request request, Decision decision, Run run) {
        for (int from = 0; from < request.sectorCount(); ) {
            long place = place(request, decision, from);
            int to = from + 1;
            while (to < request.sectorCount() && goesOn(place, from, place(request, decision, to), to)) {
                to++;
            }
            if (place != RouteEffect.LOST && !run.go(place, from, to - from)) {
                return false;
            }
            from = to;
        }
        return store.serves(request); // also if nothing came to the cache
    }

    private static boolean goesOn(long place, int from, long next, int to) {
        return place == RouteEffect.LOST ? next == RouteEffect.LOST : next == place + (to - from);
    }

    /** Returns where it goes on the disk, or {@link RouteEffect#LOST}. */
    private long place(Request request, Decision decision, int index) {
        long place = decision.route(request, index);
        return place < 0 || place >= store.sectors() ? RouteEffect.LOST : place;
    }

    private static boolean isStale(Request request, Decision decision, int index) {
        return decision.isStale(request.sector() + index);
    }

    private static void zero(Request request, int from, int to) {
        for (int at = from << Sectors.SHIFT; at < to << Sectors.SHIFT; at += Long.BYTES) {
            request.data().putLong(at, 0);
        }
    }
}
