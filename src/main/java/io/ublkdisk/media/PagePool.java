package io.ublkdisk.media;

import io.ublkdisk.block.Sectors;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The memory that disks are made of: pages of 4 KiB outside the Java heap, each with a count of its owners. All disks of a
 * process share one pool, so that a fork or a snapshot shares pages with the disk that it comes from.
 *
 * <p>A page is an {@code int}. It is filled by the thread that allocated it and <b>never written again once another thread can
 * see it</b>: to change a page is to put a new one in its place. That law is why pages can be shared without locks. Page
 * {@link #ZERO} is all zeroes, has no owner and is never counted.
 *
 * <p>Pages come from slabs of 1 MiB, which stay reserved for the next disk until {@link #trim}. For each page a slab has one
 * word:
 *
 * <pre>
 *   word &gt; 0    in use, by that many owners
 *   word &lt; 0    free; ~word is the next free page, ZERO at the end of the list
 * </pre>
 *
 * <p><b>Threads.</b> Any number. The head of the free list has a change count in its upper half. So a page that was taken
 * and given back meanwhile does not look like an unchanged list.
 */
public final class PagePool {
    public static final int PAGE_SHIFT = 12;
    public static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    /** Sectors in a page, 8. */
    public static final int PAGE_SECTORS = PAGE_BYTES >> Sectors.SHIFT;
    /** The page of zeroes. */
    public static final int ZERO = 0;
    /** No page of the pool: what stands there is in the {@link BaseFile}. Not counted either. */
    static final int IN_FILE = -1;

    static final int SECTOR_TO_PAGE_SHIFT = PAGE_SHIFT - Sectors.SHIFT;

    private static final int SLAB_SHIFT = 8;
    private static final int SLAB_PAGES = 1 << SLAB_SHIFT;
    private static final int SLAB_BYTES = SLAB_PAGES << PAGE_SHIFT;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(PagePool.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Slab {
        /** Null while the slab is vacant: then none of its pages is on the free list, and none has an owner. */
        ByteBuffer bytes = ByteBuffer.allocateDirect(SLAB_BYTES);

        final int[] words = new int[SLAB_PAGES];
    }

    private final long limitBytes;
    private volatile Slab[] slabs = {};
    private volatile int vacant;
    private volatile long head;

    /** Returns a pool that grows until the JVM's own limit for direct memory ({@code -XX:MaxDirectMemorySize}). */
    public PagePool() {
        this(Long.MAX_VALUE);
    }

    /** Returns a pool that never reserves more than that; at least 1 MiB. */
    public PagePool(long limitBytes) {
        this.limitBytes = limitBytes;
        grow();
    }

    /**
     * Takes pages for so many owners each. Their content is whatever was there before: fill them wholly.
     *
     * @throws OutOfPagesException if there is no more memory; then none has been taken
     */
    public void allocate(int[] pages, int count, int owners) {
        for (int i = 0; i < count; i++) {
            try {
                pages[i] = pop(owners);
            } catch (OutOfPagesException e) {
                release(pages, i, owners);
                throw e;
            }
        }
    }

    /** Takes one page for one owner; see {@link #allocate(int[], int, int)}. */
    public int allocate() {
        return pop(1);
    }

    /** Gives the page one more owner. */
    public void retain(int page) {
        if (page <= ZERO) {
            return;
        }
        int before = (int) WORD.getAndAdd(slab(page).words, indexInSlab(page), 1);
        if (before <= 0) {
            throw new IllegalStateException("page " + page + " is free and cannot be retained; this is a defect");
        }
    }

    /** Gives the page one owner less; the last one frees the page. */
    public void release(int page) {
        if (page <= ZERO) {
            return;
        }
        Slab slab = slab(page);
        int before = (int) WORD.getAndAdd(slab.words, indexInSlab(page), -1);
        if (before == 1) {
            push(page, page);
        } else if (before <= 0) {
            throw new IllegalStateException(
                    "page " + page + " was released more often than retained; this is a defect");
        }
    }

    public void release(int[] pages, int count) {
        for (int i = 0; i < count; i++) {
            release(pages[i]);
        }
    }

    /** Gives each page so many owners less. */
    public void release(int[] pages, int count, int owners) {
        for (int i = 0; i < owners; i++) {
            release(pages, count);
        }
    }

    /** Returns the owners of a page; 0 if it is free. */
    public int owners(int page) {
        return Math.max(0, (int) WORD.getVolatile(slab(page).words, indexInSlab(page)));
    }

    /** Copies out of a page; offsets and length in bytes, {@code into} by absolute access. */
    public void read(int page, int offset, ByteBuffer into, int intoOffset, int length) {
        into.put(intoOffset, slab(page).bytes, byteInSlab(page) + offset, length);
    }

    /** Copies into a page that only the caller knows of; offsets and length in bytes. */
    public void write(int page, int offset, ByteBuffer from, int fromOffset, int length) {
        slab(page).bytes.put(byteInSlab(page) + offset, from, fromOffset, length);
    }

    /** Copies between two pages, the same bytes of each, into one that only the caller knows of. */
    public void copy(int fromPage, int intoPage, int offset, int length) {
        slab(intoPage)
                .bytes
                .put(byteInSlab(intoPage) + offset, slab(fromPage).bytes, byteInSlab(fromPage) + offset, length);
    }

    /** Pages that have an owner. Counts them: not for the hot path. */
    public long usedPages() {
        long used = -1; // the page of zeroes
        for (Slab slab : slabs) {
            for (int i = 0; i < SLAB_PAGES; i++) {
                used += (int) WORD.getVolatile(slab.words, i) > 0 ? 1 : 0;
            }
        }
        return used;
    }

    /** Memory taken from the system, used or not. */
    public long reservedBytes() {
        return (long) (slabs.length - vacant) * SLAB_BYTES;
    }

    /**
     * Gives the memory of slabs in which no page has an owner back to the system; it is gone when the garbage collector has
     * seen that. While this runs, a thread that needs a page waits.
     *
     * @return how many bytes
     */
    public synchronized long trim() {
        long seen;
        do {
            seen = head;
        } while (!HEAD.compareAndSet(this, seen, next(seen, ZERO)));
        // These pages are ours now: others find none and wait in grow(), and what they release goes on a list of its
        // own.
        int[] freeInSlab = new int[slabs.length];
        for (int page = (int) seen; page != ZERO; page = following(page)) {
            freeInSlab[page >>> SLAB_SHIFT]++;
        }
        int before = vacant;
        int kept = ZERO;
        int last = ZERO;
        for (int page = (int) seen, after; page != ZERO; page = after) {
            after = following(page);
            if (freeInSlab[page >>> SLAB_SHIFT] == SLAB_PAGES) {
                continue;
            }
            last = kept == ZERO ? page : last;
            WORD.setRelease(slab(page).words, indexInSlab(page), ~kept);
            kept = page;
        }
        for (int i = 0; i < freeInSlab.length; i++) {
            if (freeInSlab[i] == SLAB_PAGES) {
                slabs[i].bytes = null;
                vacant++;
            }
        }
        if (kept != ZERO) {
            push(kept, last);
        }
        return (long) (vacant - before) * SLAB_BYTES;
    }

    private int following(int page) {
        return ~(int) WORD.getVolatile(slab(page).words, indexInSlab(page));
    }

    private int pop(int owners) {
        while (true) {
            long seen = head;
            int page = (int) seen;
            if (page == ZERO) {
                grow();
                continue;
            }
            Slab slab = slab(page);
            int word = (int) WORD.getVolatile(slab.words, indexInSlab(page));
            if (HEAD.compareAndSet(this, seen, next(seen, ~word))) {
                WORD.setRelease(slab.words, indexInSlab(page), owners);
                return page;
            }
        }
    }

    /** Puts a chain of free pages, linked already except for its last, on the free list. */
    private void push(int first, int last) {
        int[] words = slab(last).words;
        long seen;
        do {
            seen = head;
            WORD.setRelease(words, indexInSlab(last), ~(int) seen);
        } while (!HEAD.compareAndSet(this, seen, next(seen, first)));
    }

    private synchronized void grow() {
        if ((int) head != ZERO) {
            return; // another thread was here first
        }
        if (reservedBytes() + SLAB_BYTES > limitBytes && slabs.length > 0) {
            throw new OutOfPagesException(reservedBytes(), "give the pool a higher limit");
        }
        int index = vacant > 0 ? firstVacant() : slabs.length;
        try {
            if (index < slabs.length) {
                slabs[index].bytes = ByteBuffer.allocateDirect(SLAB_BYTES);
                vacant--;
            } else {
                Slab[] grown = Arrays.copyOf(slabs, slabs.length + 1);
                grown[index] = new Slab();
                slabs = grown;
            }
        } catch (OutOfMemoryError e) {
            throw new OutOfPagesException(reservedBytes(), "raise -XX:MaxDirectMemorySize");
        }
        int[] words = slabs[index].words;
        int firstPage = index << SLAB_SHIFT;
        for (int i = 0; i < SLAB_PAGES; i++) {
            words[i] = ~(firstPage + i + 1);
        }
        int lastPage = firstPage + SLAB_PAGES - 1;
        if (firstPage == ZERO) {
            words[0] = 1;
            firstPage++;
        }
        push(firstPage, lastPage);
    }

    private int firstVacant() {
        int index = 0;
        while (slabs[index].bytes != null) {
            index++;
        }
        return index;
    }

    private static long next(long seen, int page) {
        return ((seen >>> 32) + 1) << 32 | page;
    }

    private Slab slab(int page) {
        return slabs[page >>> SLAB_SHIFT];
    }

    private static int indexInSlab(int page) {
        return page & SLAB_PAGES - 1;
    }

    private static int byteInSlab(int page) {
        return indexInSlab(page) << PAGE_SHIFT;
    }
}
