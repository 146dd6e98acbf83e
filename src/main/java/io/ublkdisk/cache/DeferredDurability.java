package io.ublkdisk.cache;

import io.ublkdisk.fault.CacheEffect;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What a lying drive makes durable late: {@code lie durable after 5s}. No thread waits for the time; before anybody could see
 * whether a change is durable, the cache asks what has become so meanwhile. Not thread-safe; the cache's lock guards it.
 */
final class DeferredDurability {
    /** The changes from {@code from} on, below {@code below}, about which that lie is. */
    private record Promise(long dueNanos, long from, long below, CacheEffect lie) {}

    private final List<Promise> open = new ArrayList<>();

    /** Nothing, for a lie that does not mend itself. */
    void make(long nowNanos, long from, long below, CacheEffect lie) {
        if (lie.durableAfterNanos() != CacheEffect.NOT_BY_ITSELF) {
            open.add(new Promise(nowNanos + lie.durableAfterNanos(), from, below, lie));
        }
    }

    /** Marks as forced what is due. @return whether something was */
    boolean keep(long nowNanos, Images images) {
        WriteLog log = images.log();
        boolean kept = false;
        for (Iterator<Promise> all = open.iterator(); all.hasNext(); ) {
            Promise promise = all.next();
            if (promise.dueNanos - nowNanos <= 0) {
                long below = Math.min(promise.below, log.next());
                for (long sequence = Math.max(promise.from, log.first()); sequence < below; sequence++) {
                    if (promise.lie.isAbout(log.sector(sequence), log.sectorCount(sequence))) {
                        images.force(sequence);
                    }
                }
                all.remove();
                kept = true;
            }
        }
        return kept;
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** The changes that they were about are gone. */
    void forget() {
        open.clear();
    }
}
