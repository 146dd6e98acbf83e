package io.ublkdisk.crash;

/**
 * Which crash states to look at, where all are too many.
 *
 * @param perEpoch how many of each flush epoch at most; where all subsets of its changes are no more than that, they are all
 *     there
 * @param tears whether writes are torn too
 * @param seed what the choice comes from
 * @param atomicSectors what the drive writes wholly or not at all: tears lie at multiples of it, and at logical blocks; 0 or 1 for
 *     the logical block
 */
public record Sample(int perEpoch, boolean tears, long seed, int atomicSectors) {
    /** 32 of each epoch, torn ones among them. */
    public static final Sample DEFAULT = new Sample(32, true, 0);

    /** Tears lie at logical blocks. */
    public Sample(int perEpoch, boolean tears, long seed) {
        this(perEpoch, tears, seed, 0);
    }

    public Sample {
        if (perEpoch < 1) {
            throw new IllegalArgumentException("sample of " + perEpoch + " states per epoch: write 1 or more");
        }
        if (atomicSectors < 0) {
            throw new IllegalArgumentException(
                    "atomic writes of " + atomicSectors + " sectors: write 8 for 4 KiB, or 0 for the logical block");
        }
    }
}
