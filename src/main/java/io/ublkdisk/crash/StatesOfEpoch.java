package io.ublkdisk.crash;

import io.ublkdisk.block.Seed;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Chooses states of an epoch. All of them, where they are few. Else first the two ends, then by turns from each kind of
 * crash that finds bugs: the order was kept up to some moment; it was, and the last write is torn; one change is lost; only
 * one survived; one of all is torn; any subset. Within a kind the order is shuffled by the seed.
 */
final class StatesOfEpoch {
    private static final int LOST_OF_ANY = 2;

    private final Epoch epoch;
    private final Sample sample;
    private final int count;
    private final long key;

    StatesOfEpoch(Epoch epoch, Sample sample) {
        this.epoch = epoch;
        this.sample = sample;
        this.count = epoch.changes().size();
        this.key = Seed.combine(sample.seed(), epoch.number());
    }

    Stream<CrashState> stream() {
        Set<CrashState> found = new LinkedHashSet<>();
        if (count < Integer.SIZE - 2 && 1 << count <= sample.perEpoch()) {
            for (int bits = (1 << count) - 1; bits >= 0; bits--) {
                found.add(state(BitSet.valueOf(new long[] {bits}), Map.of()));
            }
        } else {
            found.add(epoch.whole());
            found.add(state(new BitSet(), Map.of()));
        }
        takeInTurns(found);
        return found.stream().limit(sample.perEpoch());
    }

    private void takeInTurns(Set<CrashState> found) {
        List<Iterator<CrashState>> kinds = new ArrayList<>();
        kinds.add(shuffled(1).mapToObj(i -> state(upTo(i), Map.of())).iterator());
        if (sample.tears()) {
            kinds.add(shuffled(2).mapToObj(i -> torn(upTo(i), i, 3)).iterator());
        }
        kinds.add(shuffled(4).mapToObj(i -> state(without(i), Map.of())).iterator());
        kinds.add(shuffled(5).mapToObj(i -> state(just(i), Map.of())).iterator());
        if (sample.tears()) {
            kinds.add(shuffled(6).mapToObj(i -> torn(upTo(count - 1), i, 7)).iterator());
        }
        kinds.add(IntStream.range(0, count == 0 ? 0 : LOST_OF_ANY * sample.perEpoch())
                .mapToObj(this::any)
                .iterator());
        while (found.size() < sample.perEpoch() && !kinds.isEmpty()) {
            kinds.removeIf(kind -> !kind.hasNext());
            for (Iterator<CrashState> kind : kinds) {
                found.add(kind.next());
            }
        }
    }

    private CrashState state(BitSet surviving, Map<Long, Tear> tears) {
        return epoch.state(surviving, tears);
    }

    private static BitSet upTo(int last) {
        BitSet set = new BitSet();
        set.set(0, last + 1);
        return set;
    }

    private BitSet without(int one) {
        BitSet set = upTo(count - 1);
        set.clear(one);
        return set;
    }

    private static BitSet just(int one) {
        BitSet set = new BitSet();
        set.set(one);
        return set;
    }

    private CrashState torn(BitSet surviving, int index, int purpose) {
        return state(surviving, tear(index, purpose, new HashMap<>()));
    }

    /** Adds a tear at one of its ends, where headers and checksums are. */
    private Map<Long, Tear> tear(int index, int purpose, Map<Long, Tear> into) {
        RecordedChange change = epoch.changes().get(index);
        long first = change.sectors().first();
        long end = change.sectors().last() + 1;
        long unit = Math.max(epoch.blockSectors(), sample.atomicSectors());
        long firstEdge = (first / unit + 1) * unit;
        long lastEdge = (end - 1) / unit * unit;
        if (epoch.blocks(change) > 1 && firstEdge < end) {
            int choice = Seed.below(Seed.combine(Seed.combine(key, purpose), index), 4);
            boolean left = choice < 2;
            boolean nearItsEnd = (choice & 1) == 0 != left;
            long edge = nearItsEnd ? lastEdge : firstEdge;
            into.put(change.number(), new Tear(left, (int) (left ? edge - first : end - edge)));
        }
        return into;
    }

    /** Returns a crash at any moment, after which each change survives with one of three chances, and every tenth is torn. */
    private CrashState any(int trial) {
        long trialKey = Seed.combine(Seed.combine(key, 8), trial);
        int point = 1 + Seed.below(Seed.combine(trialKey, 1), count);
        double chance = new double[] {0.1, 0.5, 0.9}[Seed.below(Seed.combine(trialKey, 2), 3)];
        BitSet surviving = new BitSet();
        Map<Long, Tear> tears = new TreeMap<>();
        for (int i = 0; i < point; i++) {
            if (Seed.unit(Seed.combine(trialKey, 3 + 2L * i)) < chance) {
                surviving.set(i);
                if (sample.tears() && Seed.unit(Seed.combine(trialKey, 4 + 2L * i)) < 0.1) {
                    tear(i, trial, tears);
                }
            }
        }
        return state(surviving, tears);
    }

    /** Returns all indexes in an order of the seed's. */
    private IntStream shuffled(int purpose) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = Seed.below(Seed.combine(Seed.combine(key, purpose), i), i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return IntStream.of(order);
    }
}
