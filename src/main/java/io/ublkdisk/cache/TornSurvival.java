package io.ublkdisk.cache;

import io.ublkdisk.block.Seed;
import java.util.BitSet;

/**
 * A policy by which some changes survive only in part, see {@link SurvivalPolicy#torn}. A tear lies between two logical
 * blocks of the drive. If a write is not of whole blocks, which no device sends, its rest belongs to its last block.
 *
 * @param blockSectors of a logical block
 * @param atomicSectors of what is written wholly or not at all, if that is more than a block: then tears lie at its multiples
 */
record TornSurvival(
        SurvivalPolicy policy,
        double probability,
        SurvivalPolicy.Tear tear,
        WriteOutcome.Rest rest,
        long seed,
        int blockSectors,
        int atomicSectors)
        implements SurvivalPolicy {

    @Override
    public SurvivalPolicy onBlocksOf(int sectors) {
        return new TornSurvival(policy.onBlocksOf(sectors), probability, tear, rest, seed, sectors, atomicSectors);
    }

    @Override
    public WriteOutcome of(Change change) {
        WriteOutcome outcome = policy.of(change);
        int sectorCount = (int) change.sectors().count();
        int before = isCoarse() ? (int) (change.sectors().first() % atomicSectors) : 0;
        int blocks =
                isCoarse() ? (before + sectorCount + atomicSectors - 1) / atomicSectors : sectorCount / blockSectors;
        long key = Seed.combine(Seed.combine(seed, change.position()), 1);
        boolean tears = outcome == WriteOutcome.WHOLE
                && change.operation().hasData()
                && blocks > 1
                && Seed.unit(key) < probability;
        return tears
                ? WriteOutcome.torn(inSectors(kept(blocks, key), blocks, before, sectorCount), rest, key)
                : outcome;
    }

    private BitSet kept(int blocks, long key) {
        BitSet kept = new BitSet(blocks);
        int count = Seed.below(Seed.combine(key, 2), blocks);
        switch (tear) {
            case LEFT -> kept.set(0, count);
            case RIGHT -> kept.set(blocks - count, blocks);
            case SUBSET -> {
                for (int i = 0; i < blocks; i++) {
                    kept.set(i, (Seed.combine(key, 3 + i) & 1) == 0);
                }
            }
        }
        return kept;
    }

    private boolean isCoarse() {
        return atomicSectors > blockSectors;
    }

    /** @param before how many sectors of the first block are before the write */
    private BitSet inSectors(BitSet kept, int blocks, int before, int sectorCount) {
        int size = isCoarse() ? atomicSectors : blockSectors;
        BitSet sectors = new BitSet(sectorCount);
        for (int block = kept.nextSetBit(0); block >= 0; block = kept.nextSetBit(block + 1)) {
            int end = block == blocks - 1 ? sectorCount : (block + 1) * size - before;
            sectors.set(Math.max(0, block * size - before), end);
        }
        return sectors;
    }

    @Override
    public String toString() {
        return policy + " torn " + probability + " " + tear + " rest " + rest + " seed " + seed
                + (atomicSectors == 0 ? "" : " atomic " + atomicSectors);
    }
}
