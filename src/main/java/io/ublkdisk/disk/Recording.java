package io.ublkdisk.disk;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.ChangeListener;
import io.ublkdisk.cache.CrashImage;
import io.ublkdisk.cache.DurableOrder;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.cache.WriteLog;
import io.ublkdisk.cache.WriteOutcome;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.crash.Tear;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A run of a drive, from which every disk can be made that a crash in it could have left. It has the durable bytes at its
 * beginning, then every change with its pages, in the order in which they were acknowledged, with the flushes and the marks
 * between them. Pages are shared with the drive, so a recording costs what the run writes and no copying.
 *
 * <p>From {@link Drive#record} until {@link #stop}; a power cut, a rewind or the drive's end stop it too. Then:
 *
 * <pre>
 *   epochs   from flush to flush      states   what a crash in an epoch could leave      image   a disk with those bytes
 * </pre>
 *
 * The recording does not show that the cache wrote back without being asked. Another drive would not have done so, and what it
 * could have lost is among the states.
 *
 * <p><b>Threads.</b> Any. Changes are told under the lock of the drive.
 */
public final class Recording implements AutoCloseable {
    private static final Pattern STATE = Pattern.compile("e(\\d{1,9}):.*");

    private record Mark(String text, int epoch, long point) {}

    /** @param below all changes with smaller numbers are durable; @param point how far the changes had come */
    private record Flush(long below, long point) {}

    private final PagePool pool;
    private final int blockSectors;
    private final WriteLog changes = new WriteLog();
    private final List<Long> forcedAt = new ArrayList<>();
    private final List<Flush> flushes = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private final Runnable stopping;
    private final List<CowMedia> bases = new ArrayList<>();
    private final Map<Integer, Epoch> epochs = new HashMap<>();
    /** What a number of the drive's own log is less here. */
    private long offset;

    private boolean stopped;
    private boolean closed;
    private String end = "";

    /** Begins. */
    Recording(PagePool pool, int logicalBlockSize, WriteCache cache) {
        this.pool = pool;
        this.blockSectors = (int) Sectors.ofBytes(logicalBlockSize);
        Listener listener = new Listener();
        this.stopping = () -> cache.tellNoMore(listener, "");
        cache.tell(listener);
    }

    private final class Listener implements ChangeListener {
        @Override
        public void begin(CowMedia durable, WriteLog unflushed) {
            synchronized (Recording.this) {
                bases.add(durable.fork());
                offset = unflushed.first() - 1;
                for (long sequence = unflushed.first(); sequence < unflushed.next(); sequence++) {
                    changed(
                            unflushed.operation(sequence),
                            unflushed.flags(sequence),
                            unflushed.sector(sequence),
                            unflushed.sectorCount(sequence),
                            unflushed.pages(sequence),
                            unflushed.pageCount(sequence));
                }
                flushes.add(new Flush(1, changes.next()));
            }
        }

        /** Records a change; its pages get one more owner. */
        @Override
        public void changed(Operation operation, int flags, long sector, int sectorCount, int[] pages, int count) {
            synchronized (Recording.this) {
                for (int i = 0; i < count; i++) {
                    pool.retain(pages[i]);
                }
                long number = changes.append(operation, flags & ~Request.FUA, sector, sectorCount, pages, count);
                forcedAt.add(WriteLog.isForced(flags) ? number + 1 : RecordedChange.NEVER);
            }
        }

        @Override
        public void flushed(long belowInLog) {
            synchronized (Recording.this) {
                long below =
                        Math.min(belowInLog == WriteCache.ALL ? WriteCache.ALL : belowInLog - offset, changes.next());
                if (below > flushes.get(flushes.size() - 1).below()) {
                    flushes.add(new Flush(below, changes.next()));
                }
            }
        }

        @Override
        public void forced(long inLog) {
            synchronized (Recording.this) {
                int index = (int) (inLog - offset) - 1;
                forcedAt.set(index, Math.min(forcedAt.get(index), changes.next()));
            }
        }

        @Override
        public boolean exchanged(CowMedia durable, WriteLog none) {
            return false;
        }

        @Override
        public void end(String why) {
            synchronized (Recording.this) {
                end = stopped ? end : why;
                stopped = true;
            }
        }
    }

    /** Sets a mark: whatever was acknowledged and flushed before it, was before it. Ignored when it has stopped. */
    public synchronized void mark(String text) {
        if (!stopped) {
            marks.add(new Mark(text, flushes.size() - 1, changes.next()));
        }
    }

    /** Ends the recording; the drive goes on. Idempotent. */
    public void stop() {
        stopping.run();
    }

    /** Returns why it ended before its time; empty if it did not. */
    public synchronized String endedBy() {
        return end;
    }

    public synchronized int epochCount() {
        return flushes.size();
    }

    /** Returns how large the recorded disk is. */
    public synchronized long sizeBytes() {
        return bases.get(0).sizeBytes();
    }

    /** Returns how many changes it has. */
    public synchronized long changeCount() {
        return changes.next() - 1;
    }

    /** Returns how many of these were made before it began, and were not durable then. */
    public synchronized long changesBefore() {
        return flushes.get(0).point() - 1;
    }

    /** Memory for the data of its changes. */
    public synchronized long dataBytes() {
        return changes.heldPages() << PagePool.PAGE_SHIFT;
    }

    /**
     * Returns a flush epoch and its changes.
     *
     * @param number from 0
     * @throws IllegalArgumentException if there is none of that number
     */
    public synchronized Epoch epoch(int number) {
        checkStopped();
        if (number < 0 || number >= flushes.size()) {
            throw new IllegalArgumentException(
                    "epoch " + number + ": the recording has the epochs 0 to " + (flushes.size() - 1));
        }
        return epochs.computeIfAbsent(number, this::makeEpoch);
    }

    private Epoch makeEpoch(int number) {
        Flush flush = flushes.get(number);
        List<RecordedChange> found = new ArrayList<>();
        for (long at = flush.below(); at < endOf(number); at++) {
            found.add(new RecordedChange(
                    at,
                    changes.operation(at),
                    Extent.ofLength(changes.sector(at), changes.sectorCount(at)),
                    forcedAt.get((int) at - 1)));
        }
        return new Epoch(number, flush.point(), found, blockSectors);
    }

    private long endOf(int epoch) {
        return epoch + 1 < flushes.size() ? flushes.get(epoch + 1).point() : changes.next();
    }

    /** Returns the state of that name, see {@link CrashState#id}. @throws IllegalArgumentException if there is none */
    public CrashState state(String id) {
        Matcher form = STATE.matcher(id);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + id + "' is no crash state; they look like e3:all-but-17, and crash-states lists them");
        }
        return epoch(Integer.parseInt(form.group(1))).parse(id);
    }

    /** Returns the marks that had been passed in the last crash that could leave that state, in order. */
    public synchronized List<String> marks(CrashState state) {
        long point = epoch(state.epoch()).crashPoint(state);
        return marks.stream()
                .filter(mark -> mark.epoch < state.epoch() || mark.epoch == state.epoch() && mark.point <= point)
                .map(Mark::text)
                .toList();
    }

    /**
     * States of all epochs, in order. Of states with the same bytes on disk and the same marks passed only the first is
     * there. To find that out, only what the changes of an epoch touch is read.
     */
    public Stream<CrashState> states(Sample sample) {
        return sampled(sample).map(Sampled::state);
    }

    /**
     * A state of a sample.
     *
     * @param equalsStart whether its bytes are the ones that were durable when the recording began
     */
    public record Sampled(CrashState state, boolean equalsStart) {}

    /** Returns the same {@link #states}, with what is known of each. */
    public synchronized Stream<Sampled> sampled(Sample sample) {
        checkStopped();
        DistinctStates distinct = new DistinctStates(this, pool, changes);
        return Stream.iterate(0, epoch -> epoch < epochCount(), epoch -> epoch + 1)
                .flatMap(number -> distinct.of(epoch(number), sample));
    }

    /** Returns the disk after that crash; to be closed by itself. For {@link Drive#rewind}, or a drive of its own. */
    public Snapshot image(CrashState state) {
        return new Snapshot(media(state));
    }

    synchronized CowMedia media(CrashState state) {
        Epoch epoch = epoch(state.epoch());
        return CrashImage.replay(base(epoch.number()), changes, epoch.first(), epoch.end(), at -> {
            if (!state.survives(at)) {
                return WriteOutcome.LOST;
            }
            Tear tear = state.tears().get(at);
            return tear == null
                    ? WriteOutcome.WHOLE
                    : WriteOutcome.torn(kept(tear, changes.sectorCount(at)), WriteOutcome.Rest.OLD, 0);
        });
    }

    /**
     * Shows what was recorded again: what became durable, in the order in which it did, and the marks between.
     *
     * @param onMark gets each before what was not flushed when it was set
     */
    public synchronized void show(DurableOrder.Output witness, Consumer<String> onMark) {
        checkStopped();
        ChangeListener order = DurableOrder.of(pool, witness);
        order.begin(bases.get(0), new WriteLog());
        Map<Long, List<Long>> forcedLate = LongStream.range(1, changes.next())
                .boxed()
                .filter(number -> !isForcedAtOnce(number))
                .collect(Collectors.groupingBy(number -> forcedAt.get((int) (number - 1))));
        Deque<Mark> coming = new ArrayDeque<>(marks);
        int epoch = 0;
        for (long point = 1; point <= changes.next(); point++) {
            forcedLate.getOrDefault(point, List.of()).forEach(order::forced);
            showMarks(coming, epoch, point, onMark);
            while (epoch + 1 < flushes.size() && flushes.get(epoch + 1).point() == point) {
                order.flushed(flushes.get(++epoch).below());
                showMarks(coming, epoch, point, onMark);
            }
            if (point < changes.next()) {
                order.changed(
                        changes.operation(point),
                        changes.flags(point) | (isForcedAtOnce(point) ? Request.FUA : 0),
                        changes.sector(point),
                        changes.sectorCount(point),
                        changes.pages(point),
                        changes.pageCount(point));
            }
        }
        order.end(end);
    }

    private boolean isForcedAtOnce(long number) {
        return forcedAt.get((int) number - 1) == number + 1;
    }

    private static void showMarks(Deque<Mark> coming, int epoch, long point, Consumer<String> onMark) {
        while (!coming.isEmpty()
                && coming.peek().epoch() == epoch
                && coming.peek().point() == point) {
            onMark.accept(coming.remove().text());
        }
    }

    private static BitSet kept(Tear tear, int sectorCount) {
        BitSet kept = new BitSet();
        if (tear.left()) {
            kept.set(0, tear.sectorCount());
        } else {
            kept.set(sectorCount - tear.sectorCount(), sectorCount);
        }
        return kept;
    }

    /** Returns what is durable when that epoch begins. */
    CowMedia base(int epoch) {
        for (int next = bases.size(); next <= epoch; next++) {
            long from = flushes.get(next - 1).below();
            long to = flushes.get(next).below();
            bases.add(CrashImage.replay(bases.get(next - 1), changes, from, to, at -> WriteOutcome.WHOLE));
        }
        return bases.get(epoch);
    }

    private void checkStopped() {
        if (closed) {
            throw new IllegalStateException("the recording is closed");
        }
        if (!stopped) {
            throw new IllegalStateException("the recording goes on; stop it before you ask for crash states");
        }
    }

    /** Gives its memory back; images that were made of it stay. Idempotent. */
    @Override
    public void close() {
        stop();
        synchronized (this) {
            if (!closed) {
                closed = true;
                bases.forEach(CowMedia::close);
                while (!changes.isEmpty()) {
                    for (int i = 0; i < changes.pageCount(changes.first()); i++) {
                        pool.release(changes.page(changes.first(), i));
                    }
                    changes.removeFirst();
                }
            }
        }
    }
}
