package io.ublkdisk.disk;

import io.ublkdisk.fault.Seed;
import java.util.BitSet;

/**
 * What of some survivors is only partly there, see {@link Survivors#torn}. A tear lies between two logical blocks of the
 * drive; a write that is not of whole blocks, which no device sends, has the rest with its last one.
 *
 * @param blockSectors of a logical block
 */
record Torn(Survivors survivors, double probability, Survivors.Tear tear, Fate.Rest rest, long seed, int blockSectors)
        implements Survivors {

    @Override
    public Survivors onBlocksOf(int sectors) {
        return new Torn(survivors.onBlocksOf(sectors), probability, tear, rest, seed, sectors);
    }

    @Override
    public Fate of(Change change) {
        Fate fate = survivors.of(change);
        int sectorCount = (int) change.sectors().count();
        int blocks = sectorCount / blockSectors;
        long key = Seed.combine(Seed.combine(seed, change.position()), 1);
        boolean tears =
                fate == Fate.WHOLE && change.operation().hasData() && blocks > 1 && Seed.unit(key) < probability;
        return tears ? Fate.torn(inSectors(kept(blocks, key), blocks, sectorCount), rest, key) : fate;
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

    private BitSet inSectors(BitSet kept, int blocks, int sectorCount) {
        BitSet sectors = new BitSet(sectorCount);
        for (int block = kept.nextSetBit(0); block >= 0; block = kept.nextSetBit(block + 1)) {
            int end = block == blocks - 1 ? sectorCount : (block + 1) * blockSectors;
            sectors.set(block * blockSectors, end);
        }
        return sectors;
    }

    @Override
    public String toString() {
        return survivors + " torn " + probability + " " + tear + " rest " + rest + " seed " + seed;
    }
}
