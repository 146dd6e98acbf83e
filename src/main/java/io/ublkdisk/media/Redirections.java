package io.ublkdisk.media;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.MediaEffect;
import io.ublkdisk.fault.RouteEffect;

/** Says in words where the sectors of a request went, or came from, because of a rule. */
final class Redirections {
    private static final long STAYS = 0;
    private static final long GONE = Long.MIN_VALUE;
    private static final long OLD = Long.MAX_VALUE;

    private Redirections() {}

    /** Tells of each rule that redirects sectors and has changed bytes by that. */
    static void tell(Request request, Decision decision, FaultListener listener) {
        for (int i = 0; i < decision.count(); i++) {
            if (redirects(decision, i) && decision.hasFired(i)) {
                String text = text(request, decision, i);
                if (!text.isEmpty()) {
                    listener.applied(request, decision.number(), decision.rule(i), BlockStatus.OK, text);
                }
            }
        }
    }

    private static boolean redirects(Decision decision, int i) {
        return decision.effect(i) instanceof RouteEffect
                || decision.effect(i) instanceof MediaEffect effect && effect.readsEarlierBytes();
    }

    /** Groups neighbouring sectors that go the same way; empty if all stay. */
    private static String text(Request request, Decision decision, int i) {
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
            return isRead ? " read as zeroes (lost)" : " did not arrive";
        }
        return (isRead ? " came from " : " went to ") + range(first + way, count);
    }

    private static String range(long first, int count) {
        return count == 1 ? Long.toString(first) : first + ".." + (first + count - 1);
    }
}
