package io.ublkdisk.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Rule;

/** Is shown what rules do to the requests of a drive, and to its power. On the thread on which it happens: be quick. */
public interface FaultWitness {

    /**
     * A rule has done something, and the request is still in flight.
     *
     * @param number what the {@link RequestListener} called the request; 0 if there is none
     * @param status what the request fails with because of it, or {@link BlockStatus#OK}
     * @param change what it did, in words: which bits were turned round, which sectors did not arrive, …
     */
    void fault(Request request, long number, Rule rule, BlockStatus status, String change);

    /** The power has gone or come back. @param text what that did, in words */
    void power(String text);
}
