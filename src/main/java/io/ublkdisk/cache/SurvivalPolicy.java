package io.ublkdisk.cache;

import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.Ranges;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which unflushed changes are on the disk after a power cut. A drive writes its cache back in any order it likes, so a
 * filesystem must be able to come back from every subset of them. Flushed and forced changes are always there, and what
 * survives lies over what is older.
 *
 * <p>Each is a pure function of the change: the same unflushed changes and the same seed give the same disk, byte by byte.
 */
@FunctionalInterface
public interface SurvivalPolicy {

    /** Called once for each unflushed change, the oldest first, under the lock of the drive: answer and do nothing else. */
    WriteOutcome of(Change change);

    /** Everything unflushed is lost. */
    static SurvivalPolicy none() {
        return named("none", change -> WriteOutcome.LOST);
    }

    /** Keeps all that was acknowledged. */
    static SurvivalPolicy all() {
        return named("all", change -> change.inFlight() ? WriteOutcome.LOST : WriteOutcome.WHOLE);
    }

    /**
     * Keeps each change with that probability, changes in flight too.
     *
     * @param probability 0 to 1
     */
    static SurvivalPolicy random(double probability, long seed) {
        checkProbability(probability);
        return named(
                "random " + probability + " seed " + seed,
                change -> Seed.unit(key(seed, change)) < probability ? WriteOutcome.WHOLE : WriteOutcome.LOST);
    }

    /** Keeps the oldest {@code count} changes, as on a drive that writes back in order. */
    static SurvivalPolicy first(long count) {
        return named(
                "first " + count,
                change -> !change.inFlight() && change.position() <= count ? WriteOutcome.WHOLE : WriteOutcome.LOST);
    }

    /** Just these survive; see {@link Change#sequence}. */
    static SurvivalPolicy only(long... sequences) {
        Set<Long> kept = Arrays.stream(sequences).boxed().collect(Collectors.toCollection(TreeSet::new));
        String text = kept.stream().map(String::valueOf).collect(Collectors.joining(","));
        return named(
                "only " + text, change -> kept.contains(change.sequence()) ? WriteOutcome.WHOLE : WriteOutcome.LOST);
    }

    /** Keeps the same changes as {@link #only(long...)}, of which there may be many. */
    static SurvivalPolicy only(Ranges sequences) {
        return named(
                "only " + sequences,
                change -> sequences.contains(change.sequence()) ? WriteOutcome.WHOLE : WriteOutcome.LOST);
    }

    /** Where a torn write is torn. */
    enum Tear {
        /** Its first sectors survive. */
        LEFT,
        /** Its last sectors survive. */
        RIGHT,
        /** Each of its sectors survives or not. */
        SUBSET
    }

    /**
     * Tears each write that survives here with that probability. How many of its blocks it keeps is random, and less than
     * all. A write of one block is not torn.
     */
    default SurvivalPolicy torn(double probability, Tear tear, WriteOutcome.Rest rest, long seed) {
        return torn(probability, tear, rest, seed, 0);
    }

    /**
     * Returns the same for a drive that writes more than a block wholly or not at all: tears lie at multiples of that, from the
     * beginning of the disk.
     *
     * @param atomicSectors what is written wholly; 0 for a logical block
     */
    default SurvivalPolicy torn(double probability, Tear tear, WriteOutcome.Rest rest, long seed, int atomicSectors) {
        checkProbability(probability);
        return new TornSurvival(this, probability, tear, rest, seed, 1, atomicSectors);
    }

    /**
     * Returns the same for a drive with logical blocks of that many sectors, which writes each block wholly or not at all.
     * The drive calls it first.
     */
    default SurvivalPolicy onBlocksOf(int sectors) {
        return this;
    }

    /** By position and not by sequence, so that what was flushed long ago makes no difference. */
    private static long key(long seed, Change change) {
        return Seed.combine(seed, change.position());
    }

    private static void checkProbability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability " + probability + ": write one from 0 to 1");
        }
    }

    private static SurvivalPolicy named(String name, SurvivalPolicy policy) {
        return new SurvivalPolicy() {
            @Override
            public WriteOutcome of(Change change) {
                return policy.of(change);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }
}
