package io.ublkdisk.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.RequestState;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.link.RequestTracker;

/** The beginning and the end of each request: counts it, shows it to the listeners, settles its rules, and ends it. */
public final class Requests implements RequestTracker {
    private final WriteCache cache;
    private final long sectors;
    private final int blockSectorMask;
    private final Counters counters = new Counters();
    private volatile RequestListener arrivals;
    private volatile RequestListener listener;

    Requests(WriteCache cache, long sizeBytes, int blockSectors) {
        this.cache = cache;
        this.sectors = Sectors.ofBytes(sizeBytes);
        this.blockSectorMask = blockSectors - 1;
    }

    /** Shows each request to that listener as it arrives, before anything else; null for none. */
    public void onArrival(RequestListener wanted) {
        arrivals = wanted;
    }

    void listen(RequestListener wanted) {
        listener = wanted;
    }

    /** Returns what has been counted so far. */
    public DriveStats stats() {
        return counters.stats(cache.unflushedCount(), cache.unflushedBytes(), cache.isPowered());
    }

    TaggedState arrived(Request request) {
        RequestListener first = arrivals;
        if (first != null) {
            first.arrived(request);
        }
        TaggedState state = TaggedState.of(request, counters);
        state.begin(cache.powerCycle(), cache.nextSequence());
        state.counters.arrived(request);
        RequestListener told = listener;
        if (told == null) {
            state.number = 0;
        } else {
            state.arrivedNanos = Clock.nanos();
            state.number = told.arrived(request);
        }
        return state;
    }

    /** Returns whether it is of whole blocks, and none past the end. */
    boolean isOnDisk(Request request) {
        if (request.operation() == Operation.FLUSH) {
            return true;
        }
        long sector = request.sector();
        int count = request.sectorCount();
        return sector >= 0 && count > 0 && sector <= sectors - count && ((sector | count) & blockSectorMask) == 0;
    }

    @Override
    public void decided(Request request, RequestState state) {
        TaggedState tagged = (TaggedState) state;
        state.decision().number(tagged.number);
        tagged.counters.faults(state.decision().firedAtOnce());
    }

    @Override
    public void end(Request request, RequestState state, BlockStatus status) {
        TaggedState tagged = (TaggedState) state;
        BlockStatus how = state.isFaulty() ? settle(request, tagged, status) : status;
        if (how == BlockStatus.OK) {
            count(request, tagged);
        }
        tell(request, tagged, how);
        request.finish(how);
    }

    private static void count(Request request, TaggedState state) {
        if (request.operation() == Operation.READ) {
            state.counters.read(request.lengthBytes());
        } else if (request.operation() == Operation.WRITE) {
            state.counters.written(request.lengthBytes());
        }
    }

    @Override
    public void threw(Request request, RequestState state) {
        TaggedState tagged = (TaggedState) state;
        if (state.isFaulty()) {
            settle(request, tagged, BlockStatus.IO);
        }
        tell(request, tagged, BlockStatus.IO);
    }

    /**
     * Counts the rules that have changed bytes of a request, which may be the moment of a script for a power cut.
     *
     * @return how the request ends: with an error if the power has gone by that
     */
    private BlockStatus settle(Request request, TaggedState state, BlockStatus status) {
        int fired = state.decision().settle(request, status == BlockStatus.OK);
        if (fired == 0) {
            return status;
        }
        state.counters.faults(fired);
        return cache.serves(state.powerCycle()) ? status : BlockStatus.IO;
    }

    private void tell(Request request, TaggedState state, BlockStatus status) {
        RequestListener told = listener;
        if (told != null && state.number != 0) {
            told.ended(request, state.number, state.arrivedNanos, status, counters.flushes(), state.firstRule());
        }
    }
}
