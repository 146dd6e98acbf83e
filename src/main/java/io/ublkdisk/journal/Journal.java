package io.ublkdisk.journal;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The record of what happened to a disk, in bounded memory: the last requests, and the last events. Events are faults,
 * marks and whatever else is rare. They are kept apart, so that a busy disk does not drive its own faults out.
 *
 * <pre>
 *   requests  [ r r r r r r r r r r r r ]   one ring each; every record has its sequence in the whole journal,
 *   events    [ f   m       f       f   ]   and readers get both merged by it
 * </pre>
 *
 * <p>Each reader has a {@link Reader} with a place in each ring. A reader that is too slow loses the oldest records and
 * learns how many. No queue waits for a reader, except while it copies a few records.
 *
 * <p><b>Threads.</b> Any. One lock, held for the filling of a slot.
 */
public final class Journal implements AutoCloseable {
    /** Requests that are kept where no setting says how many: some eight hundred kilobytes. */
    public static final int DEFAULT_REQUESTS = 8_192;

    /** Faults, marks and their like that are kept. */
    public static final int EVENTS = 4_096;

    private static final int LONGEST_TEXT = 500;
    private static final int BATCH = 64;

    private final Ring requests;
    private final Ring events;
    private final LongSupplier clock;
    private final long startNanos;
    private final AtomicLong arrivals = new AtomicLong();

    private long sequence;
    private int waiting;
    private boolean closed;

    /**
     * @param requestCount how many requests are kept; 0 for none
     * @param clock nanoseconds; the journal begins now
     */
    public Journal(int requestCount, LongSupplier clock) {
        this.requests = new Ring(Math.max(1, requestCount));
        this.events = new Ring(EVENTS);
        this.clock = clock;
        this.startNanos = clock.getAsLong();
    }

    /** Returns the time of an entry that was made now. */
    public long ageNanos() {
        return clock.getAsLong() - startNanos;
    }

    /** Counts a request that has arrived. @return its number */
    public long arrived() {
        return arrivals.incrementAndGet();
    }

    /**
     * Adds a request that has ended. Allocates nothing.
     *
     * @param number what {@link #arrived} said
     * @param arrivedNanos by the journal's clock
     * @param rule empty for none
     */
    public void ended(Request request, long number, long arrivedNanos, BlockStatus status, long epoch, String rule) {
        long now = clock.getAsLong();
        synchronized (this) {
            Ring.Slot slot = fill(requests.next(), Entry.Kind.REQUEST, arrivedNanos, number, request);
            slot.status = status;
            slot.tookNanos = now - arrivedNanos;
            slot.epoch = epoch;
            slot.rule = rule;
            slot.text = "";
            tellReaders();
        }
    }

    /**
     * Adds what a rule has done to a request.
     *
     * @param number of the request; 0 if it is not counted
     * @param status what the request fails with because of it, or {@link BlockStatus#OK}
     * @param change what it did, in words
     */
    public void fault(Request request, long number, String rule, BlockStatus status, String change) {
        long now = clock.getAsLong();
        String text = bounded(change);
        synchronized (this) {
            Ring.Slot slot = fill(events.next(), Entry.Kind.FAULT, now, number, request);
            slot.status = status;
            slot.rule = rule;
            slot.text = text;
            tellReaders();
        }
    }

    /** Something else has happened. @param text what; cut off where it is very long */
    public void event(Entry.Kind kind, String text) {
        event(kind, 0, 0, text);
    }

    /** Something has happened to a range of sectors. */
    public void event(Entry.Kind kind, long sector, int sectorCount, String text) {
        long now = clock.getAsLong();
        String bounded = bounded(text);
        synchronized (this) {
            Ring.Slot slot = fill(events.next(), kind, now, 0, null);
            slot.sector = sector;
            slot.sectorCount = sectorCount;
            slot.status = BlockStatus.OK;
            slot.rule = "";
            slot.text = bounded;
            tellReaders();
        }
    }

    private Ring.Slot fill(Ring.Slot slot, Entry.Kind kind, long nanos, long number, Request request) {
        slot.sequence = ++sequence;
        slot.timeNanos = nanos - startNanos;
        slot.kind = kind;
        slot.request = number;
        slot.operation = request == null ? null : request.operation();
        slot.flags = request == null ? 0 : request.flags();
        slot.sector = request == null ? 0 : request.sector();
        slot.sectorCount = request == null ? 0 : request.sectorCount();
        return slot;
    }

    private void tellReaders() {
        if (waiting > 0) {
            notifyAll();
        }
    }

    private static String bounded(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…";
    }

    /** Returns the sequence of the newest record; 0 for none. */
    public synchronized long lastSequence() {
        return sequence;
    }

    /** Reads from the oldest record that is kept. @param withRequests whether requests too, or events alone */
    public Reader readAll(boolean withRequests) {
        return new Reader(withRequests, true);
    }

    /** Reads what happens from now on. */
    public Reader readNew(boolean withRequests) {
        return new Reader(withRequests, false);
    }

    /** Ends the journal: readers that wait return. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** A place in the journal. For one thread. */
    public final class Reader {
        private final boolean withRequests;
        private long nextRequest;
        private long nextEvent;
        private long lost;

        private Reader(boolean withRequests, boolean fromOldest) {
            this.withRequests = withRequests;
            synchronized (Journal.this) {
                nextRequest = fromOldest ? requests.oldest() : requests.total();
                nextEvent = fromOldest ? events.oldest() : events.total();
            }
        }

        /** Returns how many records have gone, since this was asked last, that this reader had not read yet. */
        public long lost() {
            long count = lost;
            lost = 0;
            return count;
        }

        /** Returns whether there will be nothing more, when {@link #next} has found nothing. */
        public boolean isAtEnd() {
            synchronized (Journal.this) {
                return closed;
            }
        }

        /**
         * Returns the next records by their sequence, as many as can be copied in a moment.
         *
         * @param patience how long to wait for one
         * @return empty when the time is up or the journal is closed and read to its end
         */
        public List<Entry> next(Duration patience) throws InterruptedException {
            long start = clock.getAsLong();
            synchronized (Journal.this) {
                List<Entry> found = available();
                waiting++;
                try {
                    while (found.isEmpty() && !closed) {
                        long left = patience.toMillis() - TimeUnit.NANOSECONDS.toMillis(clock.getAsLong() - start);
                        if (left <= 0) {
                            break;
                        }
                        Journal.this.wait(left);
                        found = available();
                    }
                } finally {
                    waiting--;
                }
                return found;
            }
        }

        private List<Entry> available() {
            nextEvent = skipLost(events, nextEvent);
            if (withRequests) {
                nextRequest = skipLost(requests, nextRequest);
            }
            List<Entry> found = new ArrayList<>();
            while (found.size() < BATCH) {
                Ring.Slot event = nextEvent < events.total() ? events.at(nextEvent) : null;
                Ring.Slot request = withRequests && nextRequest < requests.total() ? requests.at(nextRequest) : null;
                if (event == null && request == null) {
                    break;
                }
                if (request == null || event != null && event.sequence < request.sequence) {
                    found.add(event.entry());
                    nextEvent++;
                } else {
                    found.add(request.entry());
                    nextRequest++;
                }
            }
            return found;
        }

        private long skipLost(Ring ring, long next) {
            long oldest = Math.max(next, ring.oldest());
            lost += oldest - next;
            return oldest;
        }
    }
}
