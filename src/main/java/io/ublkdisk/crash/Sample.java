package io.ublkdisk.crash;

/**
 * Which crash states to look at, where all are too many.
 *
 * @param perEpoch how many of each flush epoch at most; where all subsets of its changes are no more than that, they are all
 *     there
 * @param tears whether writes are torn too
 * @param seed what the choice comes from
 */
public record Sample(int perEpoch, boolean tears, long seed) {
    /** 32 of each epoch, torn ones among them. */
    public static final Sample DEFAULT = new Sample(32, true, 0);

    public Sample {
        if (perEpoch < 1) {
            throw new IllegalArgumentException("sample of " + perEpoch + " states per epoch: write 1 or more");
        }
    }
}
