package io.ublkdisk.media;

import static io.ublkdisk.media.PagePool.IN_FILE;
import static io.ublkdisk.media.PagePool.PAGE_BYTES;
import static io.ublkdisk.media.PagePool.PAGE_SECTORS;
import static io.ublkdisk.media.PagePool.SECTOR_TO_PAGE_SHIFT;
import static io.ublkdisk.media.PagePool.ZERO;

import io.ublkdisk.block.Sectors;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * The bytes of a disk at rest, copy-on-write: sectors in front, pages behind. What was never written, or was zeroed, reads
 * as zeroes and takes no memory. {@link #fork} makes a second disk with the same bytes at once.
 *
 * <p>A write has two steps, so that the caller need not lock while bytes move: {@link #stage} copies them into fresh
 * pages that no other thread knows of, {@link #put} makes those pages the disk's. A write that begins or ends inside a page
 * takes the rest of that page from what stands there at the time of the second step.
 *
 * <p><b>Threads.</b> One thread that changes, or many that read, as the owner's lock says; {@link #stage} needs no lock.
 */
public final class CowMedia implements AutoCloseable {
    private static final int PAGE_SECTOR_MASK = PAGE_SECTORS - 1;

    private final PagePool pool;
    private final long sectors;
    private final PageTree tree;
    /** What was never written here; null where that is zeroes. */
    private final BaseFile base;

    private boolean closed;

    /**
     * Returns a disk of zeroes.
     *
     * @param sizeBytes a positive multiple of 512
     */
    public CowMedia(PagePool pool, long sizeBytes) {
        if (sizeBytes <= 0 || sizeBytes % Sectors.BYTES != 0) {
            throw new IllegalArgumentException("size " + sizeBytes + " bytes: give a positive multiple of 512");
        }
        this.pool = pool;
        this.sectors = Sectors.ofBytes(sizeBytes);
        this.tree = new PageTree(pool, pageCount(0, sectors));
        this.base = null;
    }

    /** Returns a disk with the bytes of that file. */
    public CowMedia(PagePool pool, BaseFile base) {
        this.pool = pool;
        this.sectors = Sectors.ofBytes(base.sizeBytes());
        this.tree = PageTree.inFile(pool, pageCount(0, sectors));
        this.base = base;
        base.retain();
    }

    private CowMedia(CowMedia other) {
        this.pool = other.pool;
        this.sectors = other.sectors;
        this.tree = other.tree.share();
        this.base = other.base;
        if (base != null) {
            base.retain();
        }
    }

    /** Returns a second disk with the same bytes, at once; the two then change apart. To be closed by itself. */
    public CowMedia fork() {
        return new CowMedia(this);
    }

    public PagePool pool() {
        return pool;
    }

    /** Returns the file under it; null if there is none. */
    public BaseFile base() {
        return base;
    }

    public long sizeBytes() {
        return Sectors.toBytes(sectors);
    }

    /** Copies sectors into {@code into} from {@code intoOffset} on, by absolute access. */
    public void read(long sector, int sectorCount, ByteBuffer into, int intoOffset) {
        check(sector, sectorCount);
        long index = sector >>> SECTOR_TO_PAGE_SHIFT;
        int inPage = byteInPage(sector);
        int to = intoOffset;
        int end = intoOffset + (sectorCount << Sectors.SHIFT);
        while (to < end) {
            int length = Math.min(PAGE_BYTES - inPage, end - to);
            int page = tree.page(index);
            if (page != IN_FILE) {
                pool.read(page, inPage, into, to, length);
            } else {
                base.read(Sectors.toBytes(index << SECTOR_TO_PAGE_SHIFT) + inPage, into, to, length);
            }
            index++;
            to += length;
            inPage = 0;
        }
    }

    /** Returns how many pages a run of sectors touches: what {@link #stage} needs room for. */
    public static int pageCount(long sector, int sectorCount) {
        return (int) pageCount(sector, (long) sectorCount);
    }

    private static long pageCount(long sector, long sectorCount) {
        return (sector + sectorCount + PAGE_SECTOR_MASK >>> SECTOR_TO_PAGE_SHIFT) - (sector >>> SECTOR_TO_PAGE_SHIFT);
    }

    /**
     * First step of a write to any disk of that pool: copies the data into fresh pages. They belong to the caller until
     * {@link #put}.
     *
     * @param owners that they are to have, of which {@link #put} makes the disk one
     * @return how many there are now in {@code pages}
     * @throws OutOfPagesException if there is no memory; then there are none
     */
    public static int stage(
            PagePool pool, int owners, long sector, int sectorCount, ByteBuffer from, int fromOffset, int[] pages) {
        int count = pageCount(sector, sectorCount);
        pool.allocate(pages, count, owners);
        int inPage = byteInPage(sector);
        int at = fromOffset;
        int end = fromOffset + (sectorCount << Sectors.SHIFT);
        for (int i = 0; i < count; i++) {
            int length = Math.min(PAGE_BYTES - inPage, end - at);
            pool.write(pages[i], inPage, from, at, length);
            at += length;
            inPage = 0;
        }
        return count;
    }

    /** Second step of a write: puts staged pages in their places. The caller's ownership of them goes over. */
    public void put(long sector, int sectorCount, int[] pages) {
        check(sector, sectorCount);
        long index = sector >>> SECTOR_TO_PAGE_SHIFT;
        int count = pageCount(sector, sectorCount);
        int before = byteInPage(sector);
        if (before != 0) {
            fill(pages[0], index, 0, before);
        }
        int end = byteInPage(sector + sectorCount);
        if (end != 0) {
            fill(pages[count - 1], index + count - 1, end, PAGE_BYTES - end);
        }
        for (int i = 0; i < count; i++) {
            tree.put(index + i, pages[i]);
        }
    }

    /** Writes, in both steps. */
    public void write(long sector, int sectorCount, ByteBuffer from, int fromOffset) {
        check(sector, sectorCount);
        int[] pages = new int[pageCount(sector, sectorCount)];
        stage(pool, 1, sector, sectorCount, from, fromOffset, pages);
        put(sector, sectorCount, pages);
    }

    /** Puts one whole page, as {@link #put(long, int, int[])} does: the caller's ownership of it goes over. */
    public void putPage(long pageIndex, int page) {
        tree.put(pageIndex, page);
    }

    /** Takes over just these sectors, all in one page of the disk, from their places in another page, which is kept. */
    public void patch(long sector, int sectorCount, int sourcePage) {
        long index = sector >>> SECTOR_TO_PAGE_SHIFT;
        if (sectorCount == PAGE_SECTORS) {
            pool.retain(sourcePage);
            tree.put(index, sourcePage);
            return;
        }
        int page = pool.allocate();
        fill(page, index, 0, PAGE_BYTES);
        pool.copy(sourcePage, page, byteInPage(sector), sectorCount << Sectors.SHIFT);
        tree.put(index, page);
    }

    /** Makes these sectors what they are on another disk of the same pool and the same file. Whole pages are shared. */
    public void copy(CowMedia other, long sector, long sectorCount) {
        check(sector, sectorCount);
        long end = sector + sectorCount;
        for (long at = sector; at < end; ) {
            long index = at >>> SECTOR_TO_PAGE_SHIFT;
            long pageEnd = Math.min(end, index + 1 << SECTOR_TO_PAGE_SHIFT);
            int page = other.tree.page(index);
            if (page != tree.page(index)) {
                patch(at, (int) (pageEnd - at), page);
            }
            at = pageEnd;
        }
    }

    /** Takes a part of a fresh page from what stands at that index. */
    private void fill(int freshPage, long index, int offset, int length) {
        int page = tree.page(index);
        if (page != IN_FILE) {
            pool.copy(page, freshPage, offset, length);
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        base.read(Sectors.toBytes(index << SECTOR_TO_PAGE_SHIFT) + offset, bytes, 0, length);
        pool.write(freshPage, offset, bytes, 0, length);
    }

    /** Makes these sectors read as zeroes. Whole pages give their memory back. */
    public void zero(long sector, long sectorCount) {
        check(sector, sectorCount);
        long end = sector + sectorCount;
        long firstWhole = sector + PAGE_SECTOR_MASK >>> SECTOR_TO_PAGE_SHIFT;
        // A disk may end inside a page; what is past the end belongs to no sector.
        long endWhole = (end == sectors ? end + PAGE_SECTOR_MASK : end) >>> SECTOR_TO_PAGE_SHIFT;
        if (firstWhole > endWhole) {
            zeroInPage(sector, (int) sectorCount);
            return;
        }
        zeroInPage(sector, (int) ((firstWhole << SECTOR_TO_PAGE_SHIFT) - sector));
        tree.clear(firstWhole, endWhole - 1);
        long tail = endWhole << SECTOR_TO_PAGE_SHIFT;
        zeroInPage(tail, (int) Math.max(0, end - tail));
    }

    private void zeroInPage(long sector, int sectorCount) {
        if (sectorCount > 0 && tree.page(sector >>> SECTOR_TO_PAGE_SHIFT) != ZERO) {
            patch(sector, sectorCount, ZERO);
        }
    }

    /** Returns whether nothing was ever written to that page of the disk, or it was zeroed since. */
    public boolean isZero(long pageIndex) {
        return tree.page(pageIndex) == ZERO;
    }

    /** Tells, in order, at which indices there may be something else than zeroes; of a disk without a file under it. */
    public void forEachWritten(LongConsumer pageIndices) {
        tree.differences(new PageTree.Differences() {
            @Override
            public void page(long index, int page) {
                pageIndices.accept(index);
            }

            @Override
            public void zeroes(long firstIndex, long pageCount) {}
        });
    }

    /** Returns whether that page is the very same on another disk of the same pool; if not, its bytes may still be equal. */
    public boolean shares(CowMedia other, long pageIndex) {
        int page = tree.page(pageIndex);
        return page == other.tree.page(pageIndex) && (page != IN_FILE || base == other.base);
    }

    /** Returns the page at that index of the disk, {@link PagePool#ZERO} where nothing was written. */
    int page(long pageIndex) {
        return tree.page(pageIndex);
    }

    /**
     * Writes into the file what is not there yet, and gives its memory back. Only where no other disk needs the file as it is.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written; then the disk is what it was
     */
    public void writeToFile() {
        base.write(tree, pool);
        tree.becomeInFile();
    }

    /** Gives up every page that no other disk has. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tree.close();
            if (base != null) {
                base.release();
            }
        }
    }

    private void check(long sector, long sectorCount) {
        if (sector < 0 || sectorCount < 0 || sector + sectorCount > sectors) {
            throw new IndexOutOfBoundsException("sectors " + sector + " to " + (sector + sectorCount - 1)
                    + " of a disk of " + sectors + " sectors");
        }
    }

    private static int byteInPage(long sector) {
        return (int) (sector & PAGE_SECTOR_MASK) << Sectors.SHIFT;
    }
}
