package io.ublkdisk.fault;

/**
 * When a rule is over, beside being removed.
 *
 * @param lastsNanos counted from the first time it fires: {@code for 5s}; {@link #FOR_EVER} for no end
 * @param untilRewritten {@code until rewritten}: a sector that has been written since is hit no more
 */
public record Lifetime(long lastsNanos, boolean untilRewritten) {
    public static final long FOR_EVER = Long.MAX_VALUE;
    public static final Lifetime UNLIMITED = new Lifetime(FOR_EVER, false);

    public Lifetime {
        if (lastsNanos < 1) {
            throw new IllegalArgumentException("for " + lastsNanos + "ns is no time at all; write 1ns or more");
        }
    }

    /** Returns it in the fault language, each clause with a space before it. */
    @Override
    public String toString() {
        return (lastsNanos == FOR_EVER ? "" : " for " + Text.time(lastsNanos))
                + (untilRewritten ? " until rewritten" : "");
    }
}
