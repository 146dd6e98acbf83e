package io.ublkdisk.disk;

import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.link.WaitingWrites;
import io.ublkdisk.media.PagePool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the drive keeps with each tag while its request is in flight, so that nothing is allocated per request. */
public final class RequestState {
    /** Room for the pages of the longest write, which may begin and end inside a page. */
    final int[] pages;

    public final Decision decision = new Decision();
    /** What the witness calls the request; 0 without one. */
    long number;
    /** When it arrived; only for a witness. */
    long arrivedNanos;
    /** Whether the decision is about this request; else it is an old one. */
    boolean isFaulty;
    /** Whether it is a write among those that {@link WaitingWrites} knows. */
    boolean waits;
    /** The power cycle in which the request arrived. */
    int powerCycle;
    /** For a FLUSH, one after the newest change that it has to cover. */
    long flushBelow;

    final Counters.OfTag counters;
    private ByteBuffer sector;

    private RequestState(Request request, Counters.OfTag counters) {
        this.counters = counters;
        pages = new int[(request.data().capacity() >> PagePool.PAGE_SHIFT) + 2];
    }

    /** Of a request that arrives; made with the first one of its tag. */
    public static RequestState of(Request request, Counters counters) {
        if (request.attachment() == null) {
            request.attach(new RequestState(request, counters.ofTag()));
        }
        return of(request);
    }

    /** Returns room for one sector; made when it is first needed. */
    ByteBuffer sector() {
        if (sector == null) {
            sector = ByteBuffer.allocateDirect(Sectors.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }
        return sector;
    }

    /** Returns the name of the first rule that has fired; empty for none. */
    String firstRule() {
        for (int i = 0; i < decision.count(); i++) {
            if (decision.hasFired(i)) {
                return decision.rule(i).name();
            }
        }
        return "";
    }

    /** Of a request that has arrived. */
    public static RequestState of(Request request) {
        return (RequestState) request.attachment();
    }
}
