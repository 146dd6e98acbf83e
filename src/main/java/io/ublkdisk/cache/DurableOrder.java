package io.ublkdisk.cache;

import io.ublkdisk.block.Operation;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.media.PageRun;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Puts the changes of a drive in the order in which they become durable, as dm-log-writes does. A change waits until a
 * FLUSH has ended that arrived after the change was acknowledged. A forced change does not wait.
 *
 * <pre>
 *   acknowledged   a  b  c(fua)  FLUSH arrives  d  FLUSH ends  e
 *   shown          c  a  b  flush                …  d  e  with the next flush
 * </pre>
 *
 * <p>One thing differs. A forced change that writes over an older one which still waits is shown after it, and after what the
 * older one lies upon. Otherwise the older change would be shown last, and a replay would not make the same disk.
 *
 * <p>What waits is held in memory. Beyond {@value #WAITING_PAGES} pages the oldest goes first, as a drive's cache writes back.
 *
 * <p><b>Threads.</b> The drive's lock guards it.
 */
public final class DurableOrder implements AutoCloseable {
    private static final int WAITING_PAGES = (64 << 20) >> PagePool.PAGE_SHIFT;

    private record Waiting(
            long number, Operation operation, int flags, long sector, int sectorCount, PageRun data, int pages) {
        boolean overlaps(Waiting other) {
            return sector < other.sector + other.sectorCount && other.sector < sector + sectorCount;
        }
    }

    private final PagePool pool;
    private final Output output;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Runnable stopping;
    private long next;
    private int waitingPages;
    private boolean ended;

    /** Begins. */
    public DurableOrder(PagePool pool, Output output, WriteCache cache) {
        this.pool = pool;
        this.output = output;
        ChangeListener listener = new Listener();
        this.stopping = () -> cache.tellNoMore(listener, "");
        cache.tell(listener);
    }

    private DurableOrder(PagePool pool, Output output) {
        this.pool = pool;
        this.output = output;
        this.stopping = () -> {};
    }

    /** Returns a listener for changes that another object tells, from their beginning to their end. */
    public static ChangeListener of(PagePool pool, Output output) {
        return new DurableOrder(pool, output).new Listener();
    }

    /** Shows what waits, and no more. Idempotent. */
    @Override
    public void close() {
        stopping.run();
    }

    private void show(Waiting change) {
        waitingPages -= change.pages;
        output.changed(change.operation, change.flags, change.sector, change.sectorCount, change.data);
    }

    private void showBelow(long number) {
        while (!waiting.isEmpty() && waiting.peek().number < number) {
            show(waiting.remove());
        }
    }

    /** Shows the older waiting changes that this one writes over, directly or through another. In order. */
    private void showUnder(Waiting forced) {
        List<Waiting> under = new ArrayList<>(List.of(forced));
        for (Iterator<Waiting> older = waiting.descendingIterator(); older.hasNext(); ) {
            Waiting each = older.next();
            if (each.number < forced.number && under.stream().anyMatch(each::overlaps)) {
                under.add(each);
                older.remove();
            }
        }
        for (int i = under.size() - 1; i > 0; i--) {
            show(under.get(i));
        }
    }

    private final class Listener implements ChangeListener {
        @Override
        public void begin(CowMedia durable, WriteLog unflushed) {
            begin(durable, unflushed, false);
        }

        private void begin(CowMedia durable, WriteLog unflushed, boolean exchanged) {
            output.contents(durable.fork(), exchanged);
            next = unflushed.first();
            for (long at = unflushed.first(); at < unflushed.next(); at++) {
                changed(
                        unflushed.operation(at),
                        unflushed.flags(at),
                        unflushed.sector(at),
                        unflushed.sectorCount(at),
                        unflushed.pages(at),
                        unflushed.pageCount(at));
            }
        }

        @Override
        public void changed(Operation operation, int flags, long sector, int sectorCount, int[] pages, int count) {
            PageRun data = operation == Operation.WRITE ? new PageRun(pool, sector, sectorCount, pages, count) : null;
            Waiting change = new Waiting(next++, operation, flags, sector, sectorCount, data, count);
            waitingPages += count;
            if (WriteLog.isForced(flags)) {
                showUnder(change);
                show(change);
                return;
            }
            waiting.add(change);
            while (waitingPages > WAITING_PAGES) {
                show(waiting.remove());
            }
        }

        @Override
        public void flushed(long belowInLog) {
            showBelow(belowInLog);
            output.flushed();
        }

        @Override
        public void forced(long inLog) {
            Waiting found = null;
            for (Iterator<Waiting> all = waiting.iterator(); found == null && all.hasNext(); ) {
                Waiting each = all.next();
                if (each.number == inLog) {
                    found = each;
                    all.remove();
                }
            }
            if (found != null) {
                showUnder(found);
                show(found);
            }
        }

        @Override
        public boolean exchanged(CowMedia durable, WriteLog none) {
            drop();
            begin(durable, none, true);
            return true;
        }

        @Override
        public void end(String why) {
            if (!ended) {
                ended = true;
                showBelow(Long.MAX_VALUE);
                output.end(why);
            }
        }

        private void drop() {
            waiting.stream().filter(each -> each.data != null).forEach(each -> each.data.close());
            waiting.clear();
            waitingPages = 0;
        }
    }

    /**
     * Is given what becomes durable, in order. Doing it again in that order makes the same disk, and a crash at any point
     * could have left what was given before. On the thread that changes the disk and under its lock: be quick.
     */
    public interface Output {
        /**
         * Tells that the disk has these bytes, all durable: at the beginning, and after a power cut or a rewind.
         *
         * @param bytes the output's, to close
         * @param exchanged whether there were others before
         */
        void contents(CowMedia bytes, boolean exchanged);

        /**
         * Tells that a change is durable.
         *
         * @param flags {@link io.ublkdisk.block.Request#FUA} if it was so at once, by FUA or because the disk has no volatile cache;
         *     {@link io.ublkdisk.block.Request#META} if the filesystem calls it metadata
         * @param data of a write, the output's, to close; else null
         */
        void changed(Operation operation, int flags, long sector, int sectorCount, PageRun data);

        /** Tells that a FLUSH has ended: all that was acknowledged before it came has been shown. */
        void flushed();

        /** Tells that nothing more comes. What was not durable yet has been shown before, as if it had been written back. */
        void end(String why);
    }
}
