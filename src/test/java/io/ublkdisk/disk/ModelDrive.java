package io.ublkdisk.disk;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.cache.Change;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.cache.WriteOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** What a drive is, said as plainly as possible: the durable bytes, and a list of what happened since. */
final class ModelDrive {
    /** @param data null for zeroes */
    private record Entry(
            long sequence, Operation operation, boolean forced, int sector, int sectorCount, byte[] data) {}

    private final boolean volatileCache;
    private byte[] durable;
    private final List<Entry> log = new ArrayList<>();
    private long sequence;

    ModelDrive(int sectors, boolean volatileCache) {
        this.durable = new byte[sectors * 512];
        this.volatileCache = volatileCache;
    }

    void change(Operation operation, boolean forced, int sector, int sectorCount, byte[] data) {
        log.add(new Entry(++sequence, operation, forced, sector, sectorCount, data));
        if (!volatileCache) {
            flush();
        }
    }

    void flush() {
        durable = current();
        log.clear();
    }

    byte[] current() {
        return crash(SurvivalPolicy.all());
    }

    void become(byte[] bytes) {
        durable = bytes.clone();
        log.clear();
    }

    byte[] crash(SurvivalPolicy survivors) {
        byte[] bytes = durable.clone();
        int position = 0;
        for (Entry entry : log) {
            WriteOutcome fate = entry.forced ? WriteOutcome.WHOLE : survivors.of(change(entry, ++position));
            BitSet kept = fate.kept().orElse(null);
            boolean whole = kept == null || entry.data == null && !fate.isLost();
            for (int i = 0; i < entry.sectorCount; i++) {
                int at = (entry.sector + i) * 512;
                if (whole || kept.get(i)) {
                    if (entry.data == null) {
                        Arrays.fill(bytes, at, at + 512, (byte) 0);
                    } else {
                        System.arraycopy(entry.data, i * 512, bytes, at, 512);
                    }
                } else if (fate.rest() == WriteOutcome.Rest.ZEROES) {
                    Arrays.fill(bytes, at, at + 512, (byte) 0);
                }
            }
        }
        return bytes;
    }

    /** Those that can be lost. The drive may say fewer: a forced one that was first in line is on the media already. */
    List<Change> unflushed() {
        List<Change> changes = new ArrayList<>();
        for (Entry entry : log) {
            if (!entry.forced) {
                changes.add(change(entry, changes.size() + 1));
            }
        }
        return changes;
    }

    private static Change change(Entry entry, int position) {
        return new Change(
                entry.sequence, position, entry.operation, Extent.ofLength(entry.sector, entry.sectorCount), false);
    }
}
