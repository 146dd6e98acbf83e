package io.ublkdisk.fault;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;

/**
 * Is told what rules do to the requests of a drive, and what happens to its power. It only observes.
 *
 * <p><b>Threads.</b> The thread on which it happens: be quick, and keep nothing of the request.
 */
@FunctionalInterface
public interface FaultListener {

    /** Tells that a rule has fired. The program does not see its effect yet. */
    void fired(Rule rule, Request request);

    /**
     * Tells that a rule has done something to a request, which is still in flight.
     *
     * @param number the request's number, see {@link Decision#number()}
     * @param status what the request fails with because of it, or {@link BlockStatus#OK}
     * @param change what it did, in words: which bits changed, which sectors did not arrive, …
     */
    default void applied(Request request, long number, Rule rule, BlockStatus status, String change) {}

    /** Tells that the power has gone or come back. @param text what that did, in words */
    default void power(String text) {}
}
