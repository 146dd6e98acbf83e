package io.ublkdisk.link;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.LinkEffect;
import io.ublkdisk.fault.Part;

/** Says in words what the link does to a request. */
final class LinkFaults {
    private LinkFaults() {}

    /** Tells of each rule of the link, and of whatever rule fails the request before it comes to the cache. */
    static void tell(Request request, Decision decision, FaultListener listener) {
        for (int i = 0; i < decision.count(); i++) {
            if (decision.failed() && i == decision.count() - 1) {
                listener.applied(
                        request, decision.number(), decision.rule(i), decision.status(), failure(request, decision));
            } else if (decision.effect(i).part() == Part.LINK) {
                listener.applied(request, decision.number(), decision.rule(i), BlockStatus.OK, waiting(i, decision));
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

    private static String waiting(int i, Decision decision) {
        if (decision.hold() && decision.rule(i) == decision.holder()) {
            return "is held";
        }
        return decision.effect(i) instanceof LinkEffect effect && effect.delays()
                ? "waits " + decision.delayNanos() / 1_000 + " us in all"
                : "noted";
    }
}
