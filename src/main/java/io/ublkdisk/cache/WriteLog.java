package io.ublkdisk.cache;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The unflushed changes of a drive in the order in which they happened: for each its sequence number, kind, sectors, and the
 * pages that hold its data, of which the log is an owner. Changes come in at the end and leave at the beginning.
 *
 * <p>Two rings of plain arrays, one place per change and one per page, that double when full: nothing is allocated once they
 * are as long as the workload needs. Not thread-safe; the cache's lock guards it.
 *
 * <pre>
 *   changes   │ sector │ first page │ pages, sectors │ kind ││ sector │ …        one change, four words
 *   pages     │ page │ page │ …
 * </pre>
 */
public final class WriteLog {
    private static final Operation[] OPERATIONS = Operation.values();
    private static final int FORCED = 1 << 7;
    private static final int METADATA = 1 << 6;

    private static final int WORDS_SHIFT = 2;
    private static final int FIRST_PAGE = 1;
    private static final int COUNTS = 2;
    private static final int KIND = 3;

    private long[] changes = new long[64 << WORDS_SHIFT];
    private int[] pages = new int[64];

    /** Sequence of the oldest change, and of the next to come. */
    private long first = 1;

    private long next = 1;
    /** Positions in the ring of pages, ever growing as the sequences are. */
    private long firstPage;

    private long nextPage;

    private int losable;
    private long losableBytes;

    /**
     * Adds a change and returns its sequence number. The caller's ownership of the pages goes over.
     *
     * @param flags of the request, of which {@link Request#FUA} and {@link Request#META} are kept
     */
    public long append(Operation operation, int flags, long sector, int sectorCount, int[] ids, int pageCount) {
        if (next - first == changes.length >> WORDS_SHIFT) {
            growChanges();
        }
        while (nextPage + pageCount - firstPage > pages.length) {
            growPages();
        }
        int at = at(next);
        changes[at] = sector;
        changes[at + FIRST_PAGE] = nextPage;
        changes[at + COUNTS] = (long) pageCount << Integer.SIZE | sectorCount;
        changes[at + KIND] =
                operation.ordinal() | (isForced(flags) ? FORCED : 0) | ((flags & Request.META) != 0 ? METADATA : 0);
        for (int i = 0; i < pageCount; i++) {
            pages[(int) nextPage++ & pages.length - 1] = ids[i];
        }
        count(at, 1);
        return next++;
    }

    /** Forgets the oldest change. Its pages are the caller's now. */
    public void removeFirst() {
        int at = at(first);
        count(at, -1);
        firstPage += pageCountAt(at);
        first++;
    }

    private void count(int at, int sign) {
        long kind = changes[at + KIND];
        if ((kind & FORCED) == 0) {
            losable += sign;
            if ((kind & METADATA - 1) == Operation.WRITE.ordinal()) {
                losableBytes += sign * Sectors.toBytes((int) changes[at + COUNTS]);
            }
        }
    }

    public boolean isEmpty() {
        return first == next;
    }

    public long first() {
        return first;
    }

    /** Returns one after the newest. */
    public long next() {
        return next;
    }

    /** Changes that a power cut can take: all but the forced ones. */
    int losable() {
        return losable;
    }

    long losableBytes() {
        return losableBytes;
    }

    /** Pages that the log holds. */
    public long heldPages() {
        return nextPage - firstPage;
    }

    public Operation operation(long sequence) {
        return OPERATIONS[(int) kind(sequence) & METADATA - 1];
    }

    /** Returns whether the change survives every power cut: it came with FUA. */
    boolean forced(long sequence) {
        return (kind(sequence) & FORCED) != 0;
    }

    public static boolean isForced(int flags) {
        return (flags & Request.FUA) != 0;
    }

    /** Returns the flags of its request that are kept, with {@link Request#FUA} if it is forced by now. */
    public int flags(long sequence) {
        return (forced(sequence) ? Request.FUA : 0) | ((kind(sequence) & METADATA) != 0 ? Request.META : 0);
    }

    /** Makes the change survive every power cut from now on. */
    void force(long sequence) {
        int at = at(sequence);
        count(at, -1);
        changes[at + KIND] |= FORCED;
    }

    public long sector(long sequence) {
        return changes[at(sequence)];
    }

    public int sectorCount(long sequence) {
        return (int) changes[at(sequence) + COUNTS];
    }

    public int pageCount(long sequence) {
        return pageCountAt(at(sequence));
    }

    private int pageCountAt(int at) {
        return (int) (changes[at + COUNTS] >>> Integer.SIZE);
    }

    public int page(long sequence, int i) {
        return pages[(int) changes[at(sequence) + FIRST_PAGE] + i & pages.length - 1];
    }

    /** Returns all pages of a change. */
    public int[] pages(long sequence) {
        return IntStream.range(0, pageCount(sequence))
                .map(i -> page(sequence, i))
                .toArray();
    }

    /** Returns a change as others see it. */
    Change change(long sequence, int position) {
        return new Change(
                sequence,
                position,
                operation(sequence),
                Extent.ofLength(sector(sequence), sectorCount(sequence)),
                false);
    }

    /** Returns the changes that a power cut can lose, oldest first. */
    List<Change> losableChanges() {
        List<Change> found = new ArrayList<>(losable);
        for (long sequence = first; sequence < next; sequence++) {
            if (!forced(sequence)) {
                found.add(change(sequence, found.size() + 1));
            }
        }
        return found;
    }

    private long kind(long sequence) {
        return changes[at(sequence) + KIND];
    }

    /** Returns where the change stands. */
    private int at(long sequence) {
        return (int) sequence << WORDS_SHIFT & changes.length - 1;
    }

    private void growChanges() {
        long[] grown = new long[2 * changes.length];
        for (long sequence = first; sequence < next; sequence++) {
            int to = (int) sequence << WORDS_SHIFT & grown.length - 1;
            System.arraycopy(changes, at(sequence), grown, to, 1 << WORDS_SHIFT);
        }
        changes = grown;
    }

    private void growPages() {
        int[] grown = new int[2 * pages.length];
        for (long at = firstPage; at < nextPage; at++) {
            grown[(int) at & grown.length - 1] = pages[(int) at & pages.length - 1];
        }
        pages = grown;
    }
}
