package io.ublkdisk.fault;

/** What the volatile write cache does. The cache of the drive finds it among what fired and acts by it. */
public non-sealed interface CacheEffect extends Effect {

    @Override
    default Part part() {
        return Part.CACHE;
    }
}
