package io.ublkdisk.fault;

import io.ublkdisk.block.Request;

/** What the cable or the firmware does: it decides whether and when a request goes on. */
public non-sealed interface LinkEffect extends Effect {

    @Override
    default Part part() {
        return Part.LINK;
    }

    @Override
    boolean apply(Decision decision, Request request, long key, RuleCounters tally);

    /** Returns whether it makes requests wait for a time. */
    default boolean delays() {
        return false;
    }

    /** Returns whether it fails each request that it hits, and does not change with time. */
    default boolean fails() {
        return false;
    }
}
