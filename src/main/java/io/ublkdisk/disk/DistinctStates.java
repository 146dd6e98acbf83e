package io.ublkdisk.disk;

import io.ublkdisk.cache.WriteLog;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PageHashes;
import io.ublkdisk.media.PagePool;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds the states of a recording whose bytes and marks no earlier state has. It compares numbers of contents, so epochs must
 * come in order. Only pages that the changes of an epoch touch are read.
 */
final class DistinctStates {
    private final Recording recording;
    private final WriteLog changes;
    private final PageHashes hashes;
    private final Set<List<Long>> seen = new HashSet<>();
    /** The number of the base of the epoch, where the first one's is taken for 0. */
    private long baseHash;

    DistinctStates(Recording recording, PagePool pool, WriteLog changes) {
        this.recording = recording;
        this.changes = changes;
        this.hashes = new PageHashes(pool);
    }

    Stream<Recording.Sampled> of(Epoch epoch, Sample sample) {
        synchronized (recording) {
            CowMedia base = recording.base(epoch.number());
            NavigableSet<Long> touched = touched(epoch, base);
            long numberOfBase = baseHash;
            if (epoch.number() + 1 < recording.epochCount()) {
                baseHash += difference(base, recording.base(epoch.number() + 1), touched);
            }
            return epoch.states(sample).flatMap(state -> ifNew(state, base, touched, numberOfBase).stream());
        }
    }

    private Optional<Recording.Sampled> ifNew(CrashState state, CowMedia base, Set<Long> touched, long numberOfBase) {
        synchronized (recording) {
            try (CowMedia image = recording.media(state)) {
                long number = numberOfBase + difference(base, image, touched);
                return seen.add(List.of(number, (long) recording.marks(state).size()))
                        ? Optional.of(new Recording.Sampled(state, number == 0))
                        : Optional.empty();
            }
        }
    }

    private long difference(CowMedia from, CowMedia to, Set<Long> pages) {
        long sum = 0;
        for (long page : pages) {
            sum += hashes.of(to, page) - hashes.of(from, page);
        }
        return sum;
    }

    /** Returns the pages that states of the epoch can differ in. */
    private NavigableSet<Long> touched(Epoch epoch, CowMedia base) {
        NavigableSet<Long> pages = new TreeSet<>();
        for (RecordedChange change : epoch.changes()) {
            long first = change.sectors().first() / PagePool.PAGE_SECTORS;
            long last = change.sectors().last() / PagePool.PAGE_SECTORS;
            boolean hasData = change.operation().hasData();
            for (long page = first; page <= last; page++) {
                if (hasData || !base.isZero(page)) {
                    pages.add(page);
                }
            }
            for (int i = 0; i < changes.pageCount(change.number()); i++) {
                hashes.remember(changes.page(change.number(), i));
            }
        }
        return pages;
    }
}
