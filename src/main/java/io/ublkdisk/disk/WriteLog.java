package io.ublkdisk.disk;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The unflushed changes of a drive in the order in which they happened: for each its sequence number, kind, sectors, and the
 * pages that hold its data, of which the log is an owner. Changes come in at the end and leave at the beginning.
 *
 * <p>Two rings of plain arrays, one slot per change and one per page, that double when full: nothing is allocated once they
 * are as long as the workload needs. Not thread-safe; the cache's lock guards it.
 */
final class WriteLog {
    private static final Operation[] OPERATIONS = Operation.values();
    private static final int FORCED = 1 << 7;
    private static final int METADATA = 1 << 6;

    private long[] sectors = new long[64];
    private int[] sectorCounts = new int[64];
    private byte[] kinds = new byte[64];
    private long[] firstPages = new long[64];
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
    long append(Operation operation, int flags, long sector, int sectorCount, int[] ids, int pageCount) {
        if (next - first == sectors.length) {
            growChanges();
        }
        while (nextPage + pageCount - firstPage > pages.length) {
            growPages();
        }
        int slot = slot(next);
        sectors[slot] = sector;
        sectorCounts[slot] = sectorCount;
        kinds[slot] = (byte)
                (operation.ordinal() | (isForced(flags) ? FORCED : 0) | ((flags & Request.META) != 0 ? METADATA : 0));
        firstPages[slot] = nextPage;
        for (int i = 0; i < pageCount; i++) {
            pages[(int) nextPage++ & pages.length - 1] = ids[i];
        }
        count(slot, 1);
        return next++;
    }

    /** Forgets the oldest change. Its pages are the caller's now. */
    void removeFirst() {
        count(slot(first), -1);
        firstPage = endPage(first);
        first++;
    }

    private void count(int slot, int sign) {
        if ((kinds[slot] & FORCED) == 0) {
            losable += sign;
            if (operation(slot).hasData()) {
                losableBytes += sign * (Sectors.toBytes(sectorCounts[slot]));
            }
        }
    }

    boolean isEmpty() {
        return first == next;
    }

    long first() {
        return first;
    }

    /** One after the newest. */
    long next() {
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
    long heldPages() {
        return nextPage - firstPage;
    }

    Operation operation(long sequence) {
        return operation(slot(sequence));
    }

    private Operation operation(int slot) {
        return OPERATIONS[kinds[slot] & METADATA - 1];
    }

    /** Whether the change survives every power cut: it came with FUA. */
    boolean forced(long sequence) {
        return (kinds[slot(sequence)] & FORCED) != 0;
    }

    static boolean isForced(int flags) {
        return (flags & Request.FUA) != 0;
    }

    /** Of its request's flags those that are kept, with {@link Request#FUA} if it is forced by now. */
    int flags(long sequence) {
        return (forced(sequence) ? Request.FUA : 0) | ((kinds[slot(sequence)] & METADATA) != 0 ? Request.META : 0);
    }

    /** From now on it survives every power cut. */
    void force(long sequence) {
        int slot = slot(sequence);
        count(slot, -1);
        kinds[slot] |= (byte) FORCED;
    }

    long sector(long sequence) {
        return sectors[slot(sequence)];
    }

    int sectorCount(long sequence) {
        return sectorCounts[slot(sequence)];
    }

    int pageCount(long sequence) {
        return (int) (endPage(sequence) - firstPages[slot(sequence)]);
    }

    /** Where in the ring of pages those of the next change begin. */
    private long endPage(long sequence) {
        return sequence + 1 == next ? nextPage : firstPages[slot(sequence + 1)];
    }

    int page(long sequence, int i) {
        return pages[(int) (firstPages[slot(sequence)] + i) & pages.length - 1];
    }

    /** All pages of a change. */
    int[] pages(long sequence) {
        return IntStream.range(0, pageCount(sequence))
                .map(i -> page(sequence, i))
                .toArray();
    }

    /** A change as others see it. */
    Change change(long sequence, int position) {
        return new Change(
                sequence,
                position,
                operation(sequence),
                Extent.ofLength(sector(sequence), sectorCount(sequence)),
                false);
    }

    private int slot(long sequence) {
        return (int) sequence & sectors.length - 1;
    }

    private void growChanges() {
        int was = sectors.length;
        sectors = Arrays.copyOf(sectors, 2 * was);
        sectorCounts = Arrays.copyOf(sectorCounts, 2 * was);
        kinds = Arrays.copyOf(kinds, 2 * was);
        firstPages = Arrays.copyOf(firstPages, 2 * was);
        for (long sequence = first; sequence < next; sequence++) {
            int from = (int) sequence & was - 1;
            int to = slot(sequence);
            sectors[to] = sectors[from];
            sectorCounts[to] = sectorCounts[from];
            kinds[to] = kinds[from];
            firstPages[to] = firstPages[from];
        }
    }

    private void growPages() {
        int[] grown = new int[2 * pages.length];
        for (long at = firstPage; at < nextPage; at++) {
            grown[(int) at & grown.length - 1] = pages[(int) at & pages.length - 1];
        }
        pages = grown;
    }
}
