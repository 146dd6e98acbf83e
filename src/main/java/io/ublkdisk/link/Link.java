package io.ublkdisk.link;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import io.ublkdisk.cache.RequestState;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleTable;
import io.ublkdisk.fault.Rules;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * The cable and the firmware: whether and when a request goes on to the cache. It asks the rules about each request, once, when
 * it arrives; then the request waits, is held, fails, or goes on at once. No thread sleeps for a delay.
 *
 * <p><b>Threads.</b> {@link #submit} on several queue threads, everything else on any thread.
 */
public final class Link {
    private final Rules rules;
    private final WriteCache cache;
    private final RequestTracker tracker;
    private final int blockSectorMask;
    private final HeldRequests held = new HeldRequests();
    private final WaitingWrites waiting = new WaitingWrites();
    private final Stage afterDelay = this::afterDelay;
    private final Stage afterHold = this::afterHold;
    private volatile FaultListener listener;

    /** @param blockSectors of a logical block: a write that fails in the middle stores whole blocks */
    public Link(Rules rules, WriteCache cache, RequestTracker tracker, int blockSectors) {
        this.rules = rules;
        this.cache = cache;
        this.tracker = tracker;
        this.blockSectorMask = blockSectors - 1;
    }

    /** Tells that listener from now on what rules do here; null for none. */
    public void listen(FaultListener wanted) {
        listener = wanted;
    }

    /** Takes a request that has arrived. */
    public void submit(Request request, RequestState state) {
        RuleTable table = rules.table();
        if (table == null) {
            serve(request, state);
        } else {
            decide(request, state, table);
        }
    }

    private void decide(Request request, RequestState state, RuleTable table) {
        Decision decision = state.decision();
        // Rules of a drive without power neither count nor fire.
        if (!cache.isPowered() || !table.decide(request, decision)) {
            serve(request, state);
            return;
        }
        state.decided();
        tracker.decided(request, state);
        FaultListener told = listener;
        if (told != null) {
            LinkFaults.tell(request, decision, told);
        }
        if (decision.delayNanos() > 0) {
            waits(request, state);
            request.runAt(Clock.nanos() + decision.delayNanos(), afterDelay);
        } else {
            afterDelay(request);
        }
    }

    private void afterDelay(Request request) {
        RequestState state = RequestState.of(request);
        int arrivedIn = state.powerCycle();
        if (!state.decision().hold()) {
            afterHold(request);
            return;
        }
        waits(request, state);
        if (!held.park(request, state.decision().holder())) {
            afterHold(request);
        } else if (cache.powerCycle() != arrivedIn) {
            releaseHeld(); // the cut that releases all came between the arrival and here
        } else {
            releaseOrphans(); // so may have the end of the rule
        }
    }

    private void waits(Request request, RequestState state) {
        if (request.operation() == Operation.WRITE && !state.isWaiting()) {
            state.waiting(true);
            waiting.enter(request);
        }
    }

    /** @return false if a power cut has taken it */
    private boolean waitsNoMore(Request request, RequestState state) {
        boolean waited = state.isWaiting();
        state.waiting(false);
        return !waited || waiting.leave(request);
    }

    private void afterHold(Request request) {
        RequestState state = RequestState.of(request);
        if (!waitsNoMore(request, state)) {
            tracker.end(request, state, BlockStatus.IO);
            return;
        }
        Decision decision = state.decision();
        if (!decision.failed()) {
            serve(request, state);
            return;
        }
        int arrives = Math.min(decision.failAfterSectors(), request.sectorCount()) & ~blockSectorMask;
        if (arrives > 0 && request.operation() == Operation.WRITE) {
            cache.servePart(request, state, arrives);
        }
        tracker.end(request, state, decision.status());
    }

    /** Hands the request on to the cache, and ends it. */
    private void serve(Request request, RequestState state) {
        boolean done;
        try {
            done = cache.serve(request, state);
        } catch (RuntimeException | Error e) {
            tracker.threw(request, state);
            throw e;
        }
        tracker.end(request, state, done ? BlockStatus.OK : BlockStatus.IO);
    }

    /**
     * Puts a rule in the place of the one of the same name, as {@link Rules#replace} does. Requests that the old one holds go on.
     *
     * @throws IllegalArgumentException if it names sectors that the disk has not, or has no name
     */
    public void replace(Rule rule) {
        rules.replace(rule);
        releaseOrphans();
    }

    /** Releases every held request. @return how many there were */
    public int releaseHeld() {
        return held.release(afterHold);
    }

    /** Releases the requests that this rule holds; it stays armed. @return how many there were */
    public int releaseHeld(String rule) {
        return held.release(rule, afterHold);
    }

    /** Releases the requests whose rule is not armed any more, or has another one in its place. @return how many there were */
    private int releaseOrphans() {
        return held.release(rule -> !rules.has(rule), afterHold);
    }

    /** Returns the requests that this rule holds now, in the order in which they came. */
    public List<HeldRequest> heldBy(String rule) {
        return held.requests(rule);
    }

    /** Ends the requests that this rule holds with an error, as if they had never reached the disk. @return how many there were */
    public int failHeld(String rule, BlockStatus how) {
        return held.release(rule, request -> {
            RequestState state = RequestState.of(request);
            waitsNoMore(request, state);
            tracker.end(request, state, how);
        });
    }

    /**
     * Waits until that rule holds a request.
     *
     * @return how many it holds; 0 when the time is up
     */
    public int awaitHeld(String rule, Duration limit) throws InterruptedException {
        return held.await(rule, limit);
    }

    /** Holds no request from now on, and releases all. To be called before the device is stopped. */
    public void endHolds() {
        held.end();
        releaseHeld();
    }

    /**
     * Takes the writes that wait here: a power cut does so, and they fail.
     *
     * @param cut is given the writes, the longest waiting first, and may read their data until it returns
     */
    public <T> T takeWaiting(Function<List<Request>, T> cut) {
        return waiting.take(cut);
    }

    /** Shows the writes that wait here, the longest waiting first, whose data may be read until {@code look} returns. */
    public <T> T showWaiting(Function<List<Request>, T> look) {
        return waiting.show(look);
    }
}
