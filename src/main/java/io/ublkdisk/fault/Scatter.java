package io.ublkdisk.fault;

import io.ublkdisk.block.Probability;
import io.ublkdisk.block.Seed;

/**
 * Which sectors of a disk are the bad ones: {@code scattered 0.01 runs 8} takes one run of eight sectors in a hundred, chosen
 * by the seed once and for all, as the latent errors of a real drive lie. The runs begin at multiples of their length.
 */
public record Scatter(double share, int runSectors) {

    public Scatter {
        share = Probability.checked(share, "scattered");
        if (runSectors < 1) {
            throw new IllegalArgumentException("runs " + runSectors + ": a run has 1 sector or more");
        }
    }

    /** Returns whether that sector is one of them, under that key of the rule. */
    public boolean picks(long key, long sector) {
        return Seed.unit(Seed.combine(~key, sector / runSectors)) < share;
    }

    /** Returns where the run after this sector's begins. */
    long nextRun(long sector) {
        return (sector / runSectors + 1) * runSectors;
    }

    @Override
    public String toString() {
        return "scattered " + Text.number(share) + (runSectors == 1 ? "" : " runs " + runSectors);
    }
}
