package io.ublkdisk.fault;

/** What the volatile write cache does: it says that changes are durable, and leaves them in the cache. */
public non-sealed interface CacheEffect extends Effect {
    /** What {@link #durableAfterNanos()} is when only another flush makes the changes durable. */
    long NOT_BY_ITSELF = Long.MAX_VALUE;

    @Override
    default Part part() {
        return Part.CACHE;
    }

    /** Returns whether a change of these sectors stays in the cache. If one of them is concerned, the whole change is. */
    boolean isAbout(long sector, long sectorCount);

    /** Returns how long after the request the changes become durable all the same, or {@link #NOT_BY_ITSELF}. */
    long durableAfterNanos();
}
