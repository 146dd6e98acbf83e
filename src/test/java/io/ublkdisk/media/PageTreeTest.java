package io.ublkdisk.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The edges of the nodes, enumerated. */
class PageTreeTest {
    private static final long PAGES = 64 * 64 * 2 + 3;
    /** Around the first and last page of a leaf, of a node above it, and of the disk. */
    private static final long[] EDGES = LongStream.of(0, 63, 64, 127, 128, 4095, 4096, 4159, 8191, 8192, PAGES - 1)
            .flatMap(i -> LongStream.rangeClosed(i - 1, i + 1))
            .filter(i -> i >= 0 && i < PAGES)
            .distinct()
            .toArray();

    @Test
    void clearsFromTheFirstToTheLastAndNothingElse() {
        PagePool pool = new PagePool();
        PageTree full = new PageTree(pool, PAGES);
        for (long index : EDGES) {
            full.put(index, pool.allocate());
        }
        for (long first : EDGES) {
            for (long last : EDGES) {
                try (PageTree tree = full.share()) {
                    tree.clear(first, last);
                    for (long index : EDGES) {
                        boolean gone = first <= index && index <= last;
                        assertThat(tree.page(index)).isEqualTo(gone ? PagePool.ZERO : full.page(index));
                    }
                }
            }
        }
        assertThat(pool.usedPages()).isEqualTo(EDGES.length);
        full.clear(0, PAGES - 1);
        assertThat(pool.usedPages()).isZero();
        full.close();
    }

    @Test
    void hasAPlaceForEachPageOfADiskOfAnySize() {
        for (long pages : new long[] {1, 63, 64, 65, 4096, 4097, 1L << 24, (1L << 24) + 1, 1L << 40}) {
            PagePool pool = new PagePool();
            PageTree tree = new PageTree(pool, pages);
            int first = pool.allocate();
            tree.put(0, first);
            int last = pages == 1 ? first : pool.allocate();
            if (pages > 1) {
                tree.put(pages - 1, last);
            }
            assertThat(tree.page(0)).isEqualTo(first);
            assertThat(tree.page(pages - 1)).isEqualTo(last);
            tree.close();
            assertThat(pool.usedPages()).isZero();
        }
    }

    @Test
    void changesApartAfterItHasBeenShared() {
        PagePool pool = new PagePool();
        PageTree one = new PageTree(pool, PAGES);
        int old = pool.allocate();
        one.put(5, old);
        PageTree other = one.share();
        int young = pool.allocate();
        one.put(5, young);

        assertThat(one.page(5)).isEqualTo(young);
        assertThat(other.page(5)).isEqualTo(old);
        one.close();
        one.close();
        assertThat(other.page(5)).isEqualTo(old);
        assertThat(pool.owners(old)).isEqualTo(1);
        assertThat(pool.owners(young)).isZero();
        other.close();
        assertThat(pool.usedPages()).isZero();
    }
}
