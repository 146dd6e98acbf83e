package io.ublkdisk.media;

import io.ublkdisk.block.Sectors;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of a write, in the pages that hold them; it is one of their owners until it is closed. For one thread at a time. */
public final class PageRun implements AutoCloseable {
    private final PagePool pool;
    private final long sector;
    private final int sectorCount;
    private int[] pages;

    public PageRun(PagePool pool, long sector, int sectorCount, int[] pages, int count) {
        this.pool = pool;
        this.sector = sector;
        this.sectorCount = sectorCount;
        this.pages = Arrays.copyOf(pages, count);
        for (int page : this.pages) {
            pool.retain(page);
        }
    }

    /** Returns the memory that it holds. */
    public long heldBytes() {
        return (long) pages.length << PagePool.PAGE_SHIFT;
    }

    /** Reads all of them, to the buffer's beginning on, by absolute access. */
    public void read(ByteBuffer into) {
        int inPage = (int) (sector % PagePool.PAGE_SECTORS) << Sectors.SHIFT;
        int end = sectorCount << Sectors.SHIFT;
        for (int at = 0, page = 0; at < end; page++) {
            int length = Math.min(PagePool.PAGE_BYTES - inPage, end - at);
            pool.read(pages[page], inPage, into, at, length);
            at += length;
            inPage = 0;
        }
    }

    @Override
    public void close() {
        for (int page : pages) {
            pool.release(page);
        }
        pages = new int[0];
    }
}
