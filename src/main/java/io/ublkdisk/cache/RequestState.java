package io.ublkdisk.cache;

import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.media.PagePool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a drive keeps with each tag while its request is in flight, so that a request allocates nothing. All parts of the drive
 * use it; it belongs to the thread that has the request.
 */
public class RequestState {
    /** Room for the pages of the longest write, which may begin and end inside a page. */
    final int[] pages;

    private final Decision decision = new Decision();
    private boolean isFaulty;
    private boolean isWaiting;
    private int powerCycle;
    private long flushBelow;
    private ByteBuffer sector;

    /** Makes the state of a tag. Its request is to be given this object as its attachment. */
    protected RequestState(Request request) {
        pages = new int[(request.data().capacity() >> PagePool.PAGE_SHIFT) + 2];
    }

    /** Returns the state of a request that has arrived. */
    public static RequestState of(Request request) {
        return (RequestState) request.attachment();
    }

    /**
     * Begins a request that has arrived in that power cycle.
     *
     * @param below for a FLUSH, one after the newest change that it covers
     */
    protected final void arrived(int cycle, long below) {
        powerCycle = cycle;
        flushBelow = below;
        isFaulty = false;
    }

    /** Returns what the rules say of the request; of an earlier one, unless {@link #isFaulty}. */
    public final Decision decision() {
        return decision;
    }

    /** Returns whether a rule has something to say about the request. */
    public final boolean isFaulty() {
        return isFaulty;
    }

    /** Says that {@link #decision} is about this request. */
    public final void decided() {
        isFaulty = true;
    }

    /** Returns whether it is among the writes that rules delay or hold. */
    public final boolean isWaiting() {
        return isWaiting;
    }

    /** Says whether it is among the writes that rules delay or hold. */
    public final void waiting(boolean now) {
        isWaiting = now;
    }

    /** Returns the power cycle in which the request arrived, see {@link WriteCache}. */
    public final int powerCycle() {
        return powerCycle;
    }

    final long flushBelow() {
        return flushBelow;
    }

    /** Returns room for one sector; made when it is first needed. */
    final ByteBuffer sector() {
        if (sector == null) {
            sector = ByteBuffer.allocateDirect(Sectors.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }
        return sector;
    }
}
