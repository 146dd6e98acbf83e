package io.ublkdisk.cache;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Seed;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Makes the disk that a power cut at this moment would leave. It is a fork of the durable image, onto which the log is
 * replayed in order, with the changes that are forced or survive.
 */
public final class CrashImage {
    private final CowMedia media;
    private final List<Change> lost = new ArrayList<>();
    private final List<Change> torn = new ArrayList<>();
    private final List<Change> kept = new ArrayList<>();

    /** Reads both: under the cache's lock. The arguments stay as they are. */
    CrashImage(CowMedia durable, WriteLog log, SurvivalPolicy policy) {
        media = durable.fork();
        try {
            int position = 0;
            for (long sequence = log.first(); sequence < log.next(); sequence++) {
                if (log.forced(sequence)) {
                    replay(log, sequence, 0, log.sectorCount(sequence));
                } else {
                    decide(log, sequence, ++position, policy);
                }
            }
        } catch (Throwable e) {
            media.close();
            throw e;
        }
    }

    private CrashImage(CowMedia media) {
        this.media = media;
    }

    /** Returns that disk, with a part of a log replayed onto it. The caller closes it. */
    public static CowMedia replay(
            CowMedia base, WriteLog log, long from, long to, LongFunction<WriteOutcome> outcomes) {
        CrashImage image = new CrashImage(base.fork());
        try {
            for (long sequence = from; sequence < to; sequence++) {
                WriteOutcome outcome = outcomes.apply(sequence);
                if (outcome.isTorn(log.sectorCount(sequence))) {
                    image.tear(log, sequence, outcome);
                } else if (!outcome.isLost()) {
                    image.replay(log, sequence, 0, log.sectorCount(sequence));
                }
            }
            return image.media;
        } catch (Throwable e) {
            image.media.close();
            throw e;
        }
    }

    /** Returns the bytes; the caller closes them. */
    CowMedia media() {
        return media;
    }

    PowerCut report(boolean hadCache) {
        return new PowerCut(List.copyOf(lost), List.copyOf(torn), List.copyOf(kept), hadCache);
    }

    /** Adds the writes in flight that the cut meets, after all that was acknowledged. */
    void addInFlight(List<Request> writes, WriteLog log, SurvivalPolicy policy) {
        for (int i = 0; i < writes.size(); i++) {
            Request write = writes.get(i);
            Change change = new Change(
                    log.next() + i,
                    log.losable() + 1 + i,
                    write.operation(),
                    Extent.ofLength(write.sector(), write.sectorCount()),
                    true);
            WriteOutcome outcome = policy.of(change);
            if (outcome.isTorn(write.sectorCount())) {
                torn.add(change);
                tear(write.sector(), write.sectorCount(), outcome, (from, to) -> replay(write, from, to));
            } else if (!outcome.isLost()) {
                kept.add(change);
                replay(write, 0, write.sectorCount());
            }
        }
    }

    private void replay(Request write, int from, int to) {
        media.write(write.sector() + from, to - from, write.data(), from << Sectors.SHIFT);
    }

    private void decide(WriteLog log, long sequence, int position, SurvivalPolicy policy) {
        int sectorCount = log.sectorCount(sequence);
        Change change = log.change(sequence, position);
        WriteOutcome outcome = policy.of(change);
        if (outcome.isLost()) {
            lost.add(change);
        } else if (change.operation() != Operation.WRITE || !outcome.isTorn(sectorCount)) {
            kept.add(change);
            replay(log, sequence, 0, sectorCount);
        } else {
            torn.add(change);
            tear(log, sequence, outcome);
        }
    }

    private void tear(WriteLog log, long sequence, WriteOutcome outcome) {
        tear(log.sector(sequence), log.sectorCount(sequence), outcome, (from, to) -> replay(log, sequence, from, to));
    }

    /** Some sectors of a change, from the first up to the last, which is not included. */
    private interface Part {
        public void replay(int from, int to);
    }

    private void tear(long sector, int sectorCount, WriteOutcome outcome, Part part) {
        BitSet sectors = outcome.kept().orElseThrow();
        for (int from = 0; from < sectorCount; ) {
            boolean survives = sectors.get(from);
            int next = survives ? sectors.nextClearBit(from) : sectors.nextSetBit(from);
            int to = next < 0 ? sectorCount : Math.min(next, sectorCount);
            if (survives) {
                part.replay(from, to);
            } else {
                spoil(sector + from, to - from, outcome);
            }
            from = to;
        }
    }

    private void spoil(long sector, int sectorCount, WriteOutcome outcome) {
        switch (outcome.rest()) {
            case OLD -> {}
            case ZEROES -> media.zero(sector, sectorCount);
            case GARBAGE -> {
                ByteBuffer noise = ByteBuffer.allocateDirect(sectorCount << Sectors.SHIFT);
                for (int at = 0; at < noise.capacity(); at += Long.BYTES) {
                    noise.putLong(at, Seed.combine(Seed.combine(outcome.key(), sector), at));
                }
                media.write(sector, sectorCount, noise, 0);
            }
        }
    }

    /** Puts a part of a change on the disk: its sectors {@code from} to {@code to}, the last not included. */
    private void replay(WriteLog log, long sequence, int from, int to) {
        long start = log.sector(sequence);
        if (log.operation(sequence) != Operation.WRITE) {
            media.zero(start + from, to - from);
            return;
        }
        long firstPage = start / PagePool.PAGE_SECTORS;
        for (long sector = start + from; sector < start + to; ) {
            long page = sector / PagePool.PAGE_SECTORS;
            long end = Math.min(start + to, (page + 1) * PagePool.PAGE_SECTORS);
            media.patch(sector, (int) (end - sector), log.page(sequence, (int) (page - firstPage)));
            sector = end;
        }
    }
}
