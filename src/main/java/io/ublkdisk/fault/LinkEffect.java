package io.ublkdisk.fault;

import io.ublkdisk.block.Request;

/** What the cable or the firmware does: it decides whether and when a request goes on. */
public non-sealed interface LinkEffect extends Effect {

    @Override
    default Part part() {
        return Part.LINK;
    }

    /**
     * Writes into the decision what becomes of the request. On a queue thread, several at a time; allocates nothing.
     *
     * @param key for whatever is random about it
     * @param tally the counters of the rule
     * @return whether it did anything; if not, the rule has not fired
     */
    boolean apply(Decision decision, Request request, long key, Tally tally);
}
