package io.ublkdisk.disk;

import io.ublkdisk.block.Request;
import io.ublkdisk.cache.RequestState;

/** The state of a request with what the drive itself keeps of it. */
final class TaggedState extends RequestState {
    final Counters.OfTag counters;
    /** What the listener calls the request; 0 without one. */
    long number;
    /** When it arrived; only for a listener. */
    long arrivedNanos;

    private TaggedState(Request request, Counters.OfTag counters) {
        super(request);
        this.counters = counters;
    }

    /** Returns the state of a request that arrives; makes it with the first request of its tag. */
    static TaggedState of(Request request, Counters counters) {
        if (request.attachment() == null) {
            request.attach(new TaggedState(request, counters.ofTag()));
        }
        return (TaggedState) request.attachment();
    }

    /** Begins a request of the tag, which has arrived in that power cycle. */
    void begin(int powerCycle, long flushBelow) {
        arrived(powerCycle, flushBelow);
    }

    /** Returns the name of the first rule that has fired; empty for none. */
    String firstRule() {
        for (int i = 0; isFaulty() && i < decision().count(); i++) {
            if (decision().hasFired(i)) {
                return decision().rule(i).name();
            }
        }
        return "";
    }
}
