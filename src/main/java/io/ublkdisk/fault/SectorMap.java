package io.ublkdisk.fault;

import io.ublkdisk.block.Seed;

/**
 * A number for each sector, for several threads: how often it was asked, or which of its neighbours were rewritten. Grows with
 * the sectors that were touched and not with the disk; allocates only when it grows. Open addressing in sixteen parts, each
 * under its own lock, so that queues seldom meet.
 */
final class SectorMap {
    private static final int PARTS = 16;
    private final Part[] parts = new Part[PARTS];

    SectorMap() {
        for (int i = 0; i < PARTS; i++) {
            parts[i] = new Part();
        }
    }

    /** Adds one and answers the new number. */
    int increment(long key) {
        long hash = Seed.mix(key);
        Part part = part(hash);
        synchronized (part) {
            int at = part.slot(key, hash); // may replace the arrays
            return ++part.values[at];
        }
    }

    /** Sets these bits. */
    void set(long key, int bits) {
        long hash = Seed.mix(key);
        Part part = part(hash);
        synchronized (part) {
            int at = part.slot(key, hash); // may replace the arrays
            part.values[at] |= bits;
        }
    }

    /** Returns the number; 0 for a key never seen. */
    int get(long key) {
        long hash = Seed.mix(key);
        Part part = part(hash);
        synchronized (part) {
            return part.find(key, hash);
        }
    }

    private Part part(long hash) {
        return parts[(int) (hash >>> 60)];
    }

    private static final class Part {
        private static final long EMPTY = -1; // no sector is below 0
        private long[] keys = newKeys(16);
        private int[] values = new int[16];
        private int used;

        private static long[] newKeys(int length) {
            long[] keys = new long[length];
            java.util.Arrays.fill(keys, EMPTY);
            return keys;
        }

        int find(long key, long hash) {
            int mask = keys.length - 1;
            int at = (int) hash & mask;
            while (keys[at] != key && keys[at] != EMPTY) {
                at = (at + 1) & mask;
            }
            return values[at];
        }

        int slot(long key, long hash) {
            int mask = keys.length - 1;
            int at = (int) hash & mask;
            while (keys[at] != key) {
                if (keys[at] == EMPTY) {
                    if (used * 2 >= keys.length) {
                        grow();
                        return slot(key, hash);
                    }
                    used++;
                    keys[at] = key;
                    break;
                }
                at = (at + 1) & mask;
            }
            return at;
        }

        private void grow() {
            long[] oldKeys = keys;
            int[] oldValues = values;
            keys = newKeys(oldKeys.length * 2);
            values = new int[keys.length];
            used = 0;
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != EMPTY) {
                    values[slot(oldKeys[i], Seed.mix(oldKeys[i]))] = oldValues[i];
                }
            }
        }
    }
}
