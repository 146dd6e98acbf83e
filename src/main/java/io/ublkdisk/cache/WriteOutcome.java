package io.ublkdisk.cache;

import io.ublkdisk.block.Sectors;
import java.util.BitSet;
import java.util.Optional;

/**
 * What becomes of one unflushed change when the power goes: it is lost, it survives, or it is torn between two sectors. A
 * sector itself is never torn: drives write it wholly or not at all.
 */
public final class WriteOutcome {
    public static final WriteOutcome LOST = new WriteOutcome(new BitSet(), Rest.OLD, 0);
    public static final WriteOutcome WHOLE = new WriteOutcome(null, Rest.OLD, 0);

    /** What stands in the sectors of a torn write that did not make it. */
    public enum Rest {
        /** What was there before. */
        OLD,
        ZEROES,
        /** Noise, the same for the same seed. */
        GARBAGE
    }

    private final BitSet kept;
    private final Rest rest;
    private final long key;

    private WriteOutcome(BitSet kept, Rest rest, long key) {
        this.kept = kept;
        this.rest = rest;
        this.key = key;
    }

    /**
     * Keeps only these sectors of the change. A discard or write-zeroes is never torn: it counts as whole if any sector
     * survives.
     *
     * @param kept counted from the first sector of the change
     * @param key decides what garbage it is
     */
    public static WriteOutcome torn(BitSet kept, Rest rest, long key) {
        return new WriteOutcome((BitSet) kept.clone(), rest, key);
    }

    /** Returns the sectors that survive, counted from the first one of the change; empty for all. Not to be changed. */
    public Optional<BitSet> kept() {
        return Optional.ofNullable(kept);
    }

    public Rest rest() {
        return rest;
    }

    long key() {
        return key;
    }

    public boolean isLost() {
        return kept != null && kept.isEmpty() && rest == Rest.OLD;
    }

    /** Returns whether part of it is gone. */
    boolean isTorn(int sectorCount) {
        return kept != null && !isLost() && kept.nextClearBit(0) < sectorCount;
    }

    @Override
    public String toString() {
        return kept == null
                ? "whole"
                : isLost() ? "lost" : "torn, sectors kept " + kept + " of " + Sectors.BYTES + " bytes, rest " + rest;
    }
}
