package io.ublkdisk.crash;

import io.ublkdisk.block.Operation;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The time from one flush that made something durable to the next, and the changes that a crash in it could lose.
 *
 * <p>A crash happens at a <b>crash point</b>: the number of the first change that was not there yet. What is there
 * afterwards is any subset of the changes before that point, as long as it has all changes that were forced by then. So a
 * set of surviving changes is a crash state if there is such a point. Where there are several, the state stands for the
 * last one, at which the most had been promised to the program; {@link #crashPoint} says which.
 *
 * @param number from 0
 * @param startPoint the crash point at which it begins: changes below are there from the beginning, though not yet durable
 * @param changes by number, without gaps
 * @param blockSectors sectors that are written wholly or not at all
 */
public record Epoch(int number, long startPoint, List<RecordedChange> changes, int blockSectors) {
    public Epoch {
        changes = List.copyOf(changes);
    }

    /** Returns the number of its first change; {@link #startPoint} if it has none. */
    public long first() {
        return changes.isEmpty() ? startPoint : changes.get(0).number();
    }

    /** Returns one after the number of its last change: its last crash point. */
    public long end() {
        return first() + changes.size();
    }

    /** @param number of one of {@link #changes} */
    public RecordedChange change(long number) {
        return changes.get((int) (number - first()));
    }

    /** Returns the state in which all its changes survive. */
    public CrashState whole() {
        BitSet all = new BitSet();
        all.set(0, changes.size());
        return state(all, Map.of());
    }

    /**
     * Returns the state that has at least those: what is forced is added, and what cannot be torn is whole.
     *
     * @param surviving counted from {@link #first}
     * @param tears by number of a survivor
     */
    CrashState state(BitSet surviving, Map<Long, Tear> tears) {
        BitSet there = (BitSet) surviving.clone();
        long point = Math.max(startPoint, first() + there.length());
        SortedMap<Long, Tear> torn = new TreeMap<>();
        for (RecordedChange change : changes) {
            int index = (int) (change.number() - first());
            if (change.forcedAt() <= point && change.number() < point) {
                there.set(index);
            } else if (there.get(index) && canTear(change, tears.get(change.number()))) {
                torn.put(change.number(), tears.get(change.number()));
            }
        }
        return new CrashState(StateText.print(this, there, torn), number, first(), there, torn);
    }

    /** Returns how many blocks a change can be torn into; 1 for what is never torn. */
    int blocks(RecordedChange change) {
        return change.operation() == Operation.WRITE ? (int) (change.sectors().count() / blockSectors) : 1;
    }

    private boolean canTear(RecordedChange change, Tear tear) {
        return tear != null
                && blocks(change) > 1
                && tear.sectorCount() > 0
                && tear.sectorCount() < change.sectors().count()
                && tear.sectorCount() % blockSectors == 0;
    }

    /** @throws IllegalArgumentException if it is no name of a state of this epoch */
    public CrashState parse(String id) {
        return StateText.parse(this, id);
    }

    /** Returns the last crash point at which a crash could leave that state. */
    public long crashPoint(CrashState state) {
        long point = end();
        for (RecordedChange change : changes) {
            if (!state.isWhole(change.number())) {
                point = Math.min(point, change.forcedAt() - 1);
            }
        }
        return point;
    }

    /** Returns the changes that are not there in that state, though they had been acknowledged. */
    public List<RecordedChange> lost(CrashState state) {
        long point = crashPoint(state);
        return changes.stream()
                .filter(change -> change.number() < point && !state.survives(change.number()))
                .toList();
    }

    /** Returns its states, each once, the plainest first where all are taken. */
    public Stream<CrashState> states(Sample sample) {
        return new StatesOfEpoch(this, sample).stream();
    }
}
