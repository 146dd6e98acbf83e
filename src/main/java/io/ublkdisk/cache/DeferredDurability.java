package io.ublkdisk.cache;

import io.ublkdisk.fault.CacheEffect;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What a lying drive does with FLUSH and FUA: which changes it does not make durable though it says so, and which of these it
 * makes durable late ({@code lie durable after 5s}). No thread waits for the time. Before anything depends on whether a change
 * is durable, the cache calls {@link #forceDue}. Not thread-safe; the cache's lock guards it.
 */
final class DeferredDurability {
    /** The changes from {@code from} on, below {@code below}, about which that lie is. */
    private record Late(long dueNanos, long from, long below, CacheEffect lie) {}

    private final Images images;
    private final WriteLog log;
    private final LongSupplier clock;
    private final List<Late> waiting = new ArrayList<>();

    /** @param clock in nanoseconds */
    DeferredDurability(Images images, LongSupplier clock) {
        this.images = images;
        this.log = images.log();
        this.clock = clock;
    }

    /** Returns whether no lie is about these sectors. */
    static boolean isHonest(List<CacheEffect> lies, long sector, int sectorCount) {
        return lies.isEmpty() || lies.stream().noneMatch(lie -> lie.isAbout(sector, sectorCount));
    }

    /** Makes durable what no lie is about, of the changes below {@code below}; the rest later, if the lie says when. */
    void flush(long below, List<CacheEffect> lies) {
        for (long sequence = log.first(); sequence < Math.min(below, log.next()); sequence++) {
            if (isHonest(lies, log.sector(sequence), log.sectorCount(sequence))) {
                images.force(sequence);
            }
        }
        defer(lies, 0, below);
        images.settleForced();
    }

    /** Defers what the lies are about, of the changes from {@code from} on; does nothing for a lie that never ends. */
    void defer(List<CacheEffect> lies, long from, long below) {
        for (CacheEffect lie : lies) {
            if (lie.durableAfterNanos() != CacheEffect.NOT_BY_ITSELF) {
                waiting.add(new Late(clock.getAsLong() + lie.durableAfterNanos(), from, below, lie));
            }
        }
    }

    /** Makes durable what has become due. */
    void forceDue() {
        if (waiting.isEmpty()) {
            return;
        }
        long now = clock.getAsLong();
        boolean forced = false;
        for (Iterator<Late> all = waiting.iterator(); all.hasNext(); ) {
            Late late = all.next();
            if (late.dueNanos - now <= 0) {
                force(late);
                all.remove();
                forced = true;
            }
        }
        if (forced) {
            images.settleForced();
        }
    }

    private void force(Late late) {
        long below = Math.min(late.below, log.next());
        for (long sequence = Math.max(late.from, log.first()); sequence < below; sequence++) {
            if (late.lie.isAbout(log.sector(sequence), log.sectorCount(sequence))) {
                images.force(sequence);
            }
        }
    }

    /** Forgets all: the changes are gone. */
    void forget() {
        waiting.clear();
    }
}
