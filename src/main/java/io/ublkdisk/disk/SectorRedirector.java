package io.ublkdisk.disk;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.RouteEffect;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.fault.effect.StaleEffect;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Serves the requests whose sectors go astray. Sectors that go the same way side by side go together, as one change of the
 * cache; so what lands elsewhere is unflushed there like any write, and what is lost was never in the cache at all: whoever
 * reads sees the old bytes at once, and not only after the power has gone.
 *
 * <p>What a fault does to a write has happened: the disk has those bytes then, also when the rule is gone. What it does to a
 * read lies over the disk, which stays as it is.
 */
final class SectorRedirector {
    private final WriteCache cache;
    private final long sectors;

    SectorRedirector(WriteCache cache, long sectors) {
        this.cache = cache;
        this.sectors = sectors;
    }

    /** Whether a read is to be served here. */
    static boolean turnsAside(Decision decision) {
        return decision.reroutes() || decision.find(StaleEffect.class) >= 0;
    }

    boolean read(Request request, RequestState flight) {
        for (int from = 0; from < request.sectorCount(); ) {
            long place = place(request, flight.decision, from);
            boolean stale = isStale(request, flight.decision, from);
            int to = from + 1;
            while (to < request.sectorCount()
                    && goesOn(place, from, place(request, flight.decision, to), to)
                    && stale == isStale(request, flight.decision, to)) {
                to++;
            }
            if (place == RouteEffect.LOST) {
                zero(request, from, to);
            } else if (!cache.read(flight.powerCycle, stale, place, to - from, request.data(), from << Sectors.SHIFT)) {
                return false;
            }
            from = to;
        }
        if (!cache.serves(flight.powerCycle)) { // also if nothing came to the cache
            return false;
        }
        prove(request, flight, false);
        return true;
    }

    boolean write(Request request, RequestState flight, List<LieEffect> lies) {
        prove(request, flight, false);
        return inRuns(
                request,
                flight,
                (place, from, count) -> cache.write(
                        flight.powerCycle,
                        request.flags(),
                        lies,
                        place,
                        count,
                        request.data(),
                        from << Sectors.SHIFT,
                        flight.pages));
    }

    boolean zero(Request request, RequestState flight) {
        prove(request, flight, true);
        return inRuns(
                request,
                flight,
                (place, from, count) ->
                        cache.zero(flight.powerCycle, request.operation(), request.flags(), place, count));
    }

    /**
     * Finds out which rules make a difference: of a read that has been filled, whether its bytes are others than those of its
     * sectors; of a change that is about to be made, whether its sectors, or those where it lands, have others now.
     */
    private void prove(Request request, RequestState flight, boolean zeroes) {
        Decision decision = flight.decision;
        // A forced write that goes astray leaves unflushed what it would have made durable, whatever its bytes.
        boolean forced = request.fua() && cache.isVolatile();
        for (int index = 0; index < request.sectorCount() && decision.hasUnprovenWay(); index++) {
            long sector = request.sector() + index;
            long place = place(request, decision, index);
            boolean astray = place != sector || isStale(request, decision, index);
            if (astray
                    && (forced
                            || hasOtherBytes(request, flight, index, sector, zeroes)
                            || request.operation() != Operation.READ
                                    && place != RouteEffect.LOST
                                    && hasOtherBytes(request, flight, index, place, zeroes))) {
                decision.wayChanged(request, index);
            }
        }
    }

    /** Returns whether that sector of the disk has other bytes than the one of that index in the request. */
    private boolean hasOtherBytes(Request request, RequestState flight, int index, long sector, boolean zeroes) {
        ByteBuffer there = flight.sector();
        if (!cache.read(flight.powerCycle, sector, 1, there)) {
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

    private boolean inRuns(Request request, RequestState flight, Run run) {
        Decision decision = flight.decision;
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
        return cache.serves(flight.powerCycle); // also if nothing came to the cache
    }

    private static boolean goesOn(long place, int from, long next, int to) {
        return place == RouteEffect.LOST ? next == RouteEffect.LOST : next == place + (to - from);
    }

    /** Where it goes on the disk, or {@link RouteEffect#LOST}. */
    private long place(Request request, Decision decision, int index) {
        long place = decision.route(request, index);
        return place < 0 || place >= sectors ? RouteEffect.LOST : place;
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
