package io.ublkdisk.crash;

import java.util.BitSet;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One state of the disk that a crash in a flush epoch could have left: everything durable before, and the
 * changes of the epoch that survived, some of them torn. A value, made by {@link Epoch}, which sees to it that a crash could leave it.
 */
public final class CrashState {
    private final String id;
    private final int epoch;
    private final long first;
    private final BitSet surviving;
    private final SortedMap<Long, Tear> tears;

    CrashState(String id, int epoch, long first, BitSet surviving, Map<Long, Tear> tears) {
        this.id = id;
        this.epoch = epoch;
        this.first = first;
        this.surviving = (BitSet) surviving.clone();
        this.tears = Collections.unmodifiableSortedMap(new TreeMap<>(tears));
    }

    /** Returns its name, from which it can be made again in the same recording, for instance {@code e3:all-but-17,t19<3}. */
    public String id() {
        return id;
    }

    /** Returns the number of its flush epoch, from 0. */
    public int epoch() {
        return epoch;
    }

    /** Returns whether that change of the epoch is there, wholly or in part. */
    public boolean survives(long number) {
        return number >= first && surviving.get((int) (number - first));
    }

    /** Returns the tears of changes that survive only in part, by number of the change. */
    public SortedMap<Long, Tear> tears() {
        return tears;
    }

    /** Returns whether that change is there wholly. */
    public boolean isWhole(long number) {
        return survives(number) && !tears.containsKey(number);
    }

    /** Returns the changes that survive, counted from the epoch's first change. Not to be changed. */
    BitSet surviving() {
        return surviving;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CrashState that && epoch == that.epoch && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return Objects.hash(epoch, id);
    }

    @Override
    public String toString() {
        return id;
    }
}
