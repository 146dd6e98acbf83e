package io.ublkdisk.fault;

/** What the platter does: which bytes arrive there and which come back. Each works sector by sector, see the two kinds. */
public non-sealed interface MediaEffect extends Effect {

    @Override
    default Part part() {
        return Part.MEDIA;
    }

    /** Returns whether a read answers with what its sectors had before they were last changed. */
    default boolean readsEarlierBytes() {
        return false;
    }
}
