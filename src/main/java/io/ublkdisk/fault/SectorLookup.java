package io.ublkdisk.fault;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the rules that touch a range of sectors. All their runs are sorted by first sector, and read as a balanced search
 * tree: the middle of a slice is its root, and each root also knows how far the runs below it reach. A search costs the
 * logarithm of the runs plus what it finds; the memory is linear, however the runs nest.
 */
final class SectorLookup {
    /** Rules that are everywhere, also where there are no sectors. */
    private final int[] everywhere;

    private final long[] firsts;
    private final long[] lasts;
    private final long[] reach;
    private final int[] indexes;

    private record Run(long first, long last, int index) {}

    /** @param indexes of the rules that are to be found by this lookup */
    SectorLookup(List<ArmedRule> rules, List<Integer> indexes) {
        List<Integer> all = new ArrayList<>();
        List<Run> runs = new ArrayList<>();
        for (int index : indexes) {
            Ranges sectors = rules.get(index).rule().scope().sectors().orElse(null);
            if (sectors == null) {
                all.add(index);
            } else {
                for (int i = 0; i < sectors.count(); i++) {
                    runs.add(new Run(sectors.first(i), sectors.last(i), index));
                }
            }
        }
        runs.sort(Comparator.comparingLong(Run::first));
        this.everywhere = all.stream().mapToInt(i -> i).toArray();
        this.firsts = runs.stream().mapToLong(Run::first).toArray();
        this.lasts = runs.stream().mapToLong(Run::last).toArray();
        this.indexes = runs.stream().mapToInt(Run::index).toArray();
        this.reach = new long[runs.size()];
        reachOf(0, reach.length);
    }

    private long reachOf(int from, int to) {
        if (from >= to) {
            return -1;
        }
        int root = (from + to) >>> 1;
        reach[root] = Math.max(lasts[root], Math.max(reachOf(from, root), reachOf(root + 1, to)));
        return reach[root];
    }

    /** Makes candidates of the rules that touch these sectors; {@code count} may be 0. */
    void find(long first, int count, Decision into) {
        for (int index : everywhere) {
            into.candidate(index);
        }
        if (count > 0) {
            find(0, firsts.length, first, first + count - 1, into);
        }
    }

    private void find(int from, int to, long first, long last, Decision into) {
        if (from >= to) {
            return;
        }
        int root = (from + to) >>> 1;
        if (reach[root] < first) {
            return;
        }
        find(from, root, first, last, into);
        if (firsts[root] <= last) {
            if (lasts[root] >= first) {
                into.candidate(indexes[root]);
            }
            find(root + 1, to, first, last, into);
        }
    }
}
