package io.ublkdisk.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.DamageEffect;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Part;
import io.ublkdisk.fault.RouteEffect;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.fault.effect.StaleEffect;

/**
 * Tells a {@link FaultWitness} what the rules that fired did to a request, in words, when they do it: what the link does as soon
 * as it is decided, what happens to bytes as soon as they have been changed. A fault that the request did not live to meet, say
 * because the power went while it was delayed, is not told: it has not happened.
 */
final class FaultReporter {
    private static final long STAYS = 0;
    private static final long GONE = Long.MIN_VALUE;
    private static final long OLD = Long.MAX_VALUE;

    private final FaultWitness witness;

    FaultReporter(FaultWitness witness) {
        this.witness = witness;
    }

    void ofPower(String text) {
        witness.power(text);
    }

    /** What the link does, and whatever else ends the request before it comes to the cache. */
    void ofLink(Request request, RequestState flight) {
        Decision decision = flight.decision;
        for (int i = 0; i < decision.count(); i++) {
            if (decision.failed() && i == decision.count() - 1) {
                witness.fault(request, flight.number, decision.rule(i), decision.status(), failure(request, decision));
            } else if (decision.effect(i).part() == Part.LINK) {
                tell(request, flight, i, patience(i, decision));
            }
        }
    }

    private static String failure(Request request, Decision decision) {
        int after = Math.min(decision.failAfterSectors(), request.sectorCount());
        return "fails with " + decision.status()
                + (after == 0 || request.operation() != Operation.WRITE
                        ? ""
                        : " when " + after + " of its " + request.sectorCount() + " sectors have arrived");
    }

    private static String patience(int i, Decision decision) {
        if (decision.hold() && decision.rule(i) == decision.holder()) {
            return "is held";
        }
        return switch (decision.effect(i).word()) {
            case "delay", "throttle" -> "waits " + decision.delayNanos() / 1_000 + " us in all";
            default -> "noted";
        };
    }

    /** What the cache is lied to about, and which sectors go astray. */
    void ofWay(Request request, RequestState flight) {
        Decision decision = flight.decision;
        for (int i = 0; i < decision.count(); i++) {
            Effect effect = decision.effect(i);
            if (effect instanceof LieEffect) {
                tell(request, flight, i, "acknowledged, and not made durable");
            } else if ((effect instanceof RouteEffect || effect instanceof StaleEffect) && decision.hasFired(i)) {
                tell(request, flight, i, ways(request, decision, i));
            }
        }
    }

    /** Damages the bytes, as {@link Decision#damage(Request)} does. */
    void ofBytes(Request request, RequestState flight) {
        Decision decision = flight.decision;
        for (int i = 0; i < decision.count(); i++) {
            if (decision.effect(i) instanceof DamageEffect) {
                ByteChanges changes = new ByteChanges(request.data());
                for (int n = 0; n < request.sectorCount(); n++) {
                    if (decision.covers(i, request.sector() + n)) {
                        changes.before(n * Sectors.BYTES);
                        decision.damage(request, i, n);
                        changes.after(n * Sectors.BYTES, request.sector() + n);
                    }
                }
                tell(request, flight, i, changes.toString());
            }
        }
    }

    /** Where the sectors go that the i-th rule sends elsewhere, those together that go the same way; empty for none. */
    private static String ways(Request request, Decision decision, int i) {
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < request.sectorCount(); ) {
            long way = way(request, decision, i, from);
            int to = from + 1;
            while (to < request.sectorCount() && way(request, decision, i, to) == way) {
                to++;
            }
            if (way != STAYS) {
                long first = request.sector() + from;
                text.append(text.length() == 0 ? "sectors " : ", ")
                        .append(range(first, to - from))
                        .append(outcome(request.operation() == Operation.READ, way, first, to - from));
            }
            from = to;
        }
        return text.toString();
    }

    private static long way(Request request, Decision decision, int i, int index) {
        long sector = request.sector() + index;
        if (!decision.covers(i, sector)) {
            return STAYS;
        }
        if (decision.effect(i) instanceof RouteEffect effect) {
            long to = effect.route(request, index);
            return to == RouteEffect.LOST ? GONE : to - sector;
        }
        return OLD;
    }

    private static String outcome(boolean isRead, long way, long first, int count) {
        if (way == OLD) {
            return " as before they were last changed";
        }
        if (way == GONE) {
            return isRead ? " came from nowhere" : " did not arrive";
        }
        return (isRead ? " came from " : " went to ") + range(first + way, count);
    }

    private static String range(long first, int count) {
        return count == 1 ? Long.toString(first) : first + ".." + (first + count - 1);
    }

    /** @param change empty if it did nothing after all */
    private void tell(Request request, RequestState flight, int i, String change) {
        if (!change.isEmpty()) {
            witness.fault(request, flight.number, flight.decision.rule(i), BlockStatus.OK, change);
        }
    }
}
