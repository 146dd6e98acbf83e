package io.ublkdisk.media;

import static io.ublkdisk.media.PagePool.PAGE_BYTES;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Seed;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers that tell contents of disks apart without comparing bytes. Each page has one, made of its place and its bytes,
 * and a disk has the sum of them. So a new number after a change costs only what the change touches. A page of zeroes adds
 * nothing. Two contents of the same 64 bits are taken for one: among a million disks that happens once in thirty million
 * runs.
 *
 * <p>Not thread-safe.
 */
public final class PageHashes {
    private final PagePool pool;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(PAGE_BYTES);
    private final Map<Integer, Long> known = new HashMap<>();

    public PageHashes(PagePool pool) {
        this.pool = pool;
    }

    /** Remembers the hash of a page. The page will not be freed, and so keeps its bytes, as long as this object is used. */
    public void remember(int page) {
        if (page > PagePool.ZERO && !known.containsKey(page)) {
            pool.read(page, 0, bytes, 0, PAGE_BYTES);
            known.put(page, ofBytes());
        }
    }

    /** Returns what the page at that index adds to the number of that disk. */
    public long of(CowMedia media, long pageIndex) {
        int page = media.page(pageIndex);
        if (page == PagePool.ZERO) {
            return 0;
        }
        Long content = known.get(page);
        if (content == null) {
            long sector = pageIndex * PagePool.PAGE_SECTORS;
            int count = (int) Math.min(PagePool.PAGE_SECTORS, Sectors.ofBytes(media.sizeBytes()) - sector);
            bytes.put(0, new byte[PAGE_BYTES]);
            media.read(sector, count, bytes, 0);
            content = ofBytes();
        }
        return content == 0 ? 0 : Seed.combine(content, pageIndex);
    }

    private long ofBytes() {
        long hash = 0;
        for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
            long word = bytes.getLong(at);
            hash += word == 0 ? 0 : Seed.combine(word, at);
        }
        return hash;
    }
}
