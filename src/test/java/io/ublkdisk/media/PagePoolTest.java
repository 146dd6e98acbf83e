package io.ublkdisk.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PagePoolTest {
    private final PagePool pool = new PagePool();

    @Test
    void handsOutEachPageOnce() {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(pool.allocate())).isTrue();
        }
        assertThat(seen).doesNotContain(PagePool.ZERO);
        assertThat(pool.usedPages()).isEqualTo(1000);
        assertThat(pool.reservedBytes()).isEqualTo(4 << 20);
    }

    @Test
    void freesAPageWhenItsLastOwnerGoes() {
        int page = pool.allocate();
        pool.retain(page);
        assertThat(pool.owners(page)).isEqualTo(2);

        pool.release(page);
        assertThat(pool.usedPages()).isEqualTo(1);
        pool.release(page);
        assertThat(pool.usedPages()).isZero();
        assertThat(pool.allocate())
                .as("the page that was used last is used next")
                .isEqualTo(page);
    }

    @Test
    void givesBackTheMemoryInWhichNoPageHasAnOwner() {
        List<Integer> pages = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            pages.add(pool.allocate());
        }
        int kept = pages.remove(700);
        pool.write(kept, 0, ByteBuffer.allocate(8).putLong(0, 42), 0, 8);
        pages.forEach(pool::release);

        assertThat(pool.trim())
                .as("all but the slab of the zeroes and that of the kept page")
                .isEqualTo(2 << 20);

        assertThat(pool.reservedBytes()).isEqualTo(2 << 20);
        assertThat(pool.usedPages()).isEqualTo(1);
        Set<Integer> seen = new HashSet<>(Set.of(kept));
        for (int i = 0; i < 1000; i++) {
            int page = pool.allocate();
            assertThat(seen.add(page)).isTrue();
            pool.write(page, 0, ByteBuffer.allocate(8).putLong(0, page), 0, 8);
        }
        assertThat(pool.reservedBytes()).isEqualTo(4 << 20);
        ByteBuffer read = ByteBuffer.allocate(8);
        pool.read(kept, 0, read, 0, 8);
        assertThat(read.getLong(0)).isEqualTo(42);
    }

    @Test
    @Timeout(60)
    void whoeverTakesPagesWhileMemoryIsGivenBackHasThemForHimself() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4);
        List<Future<Void>> workers = new ArrayList<>();
        for (int worker = 1; worker <= 3; worker++) {
            long mark = worker;
            workers.add(executor.submit((Callable<Void>) () -> {
                for (int round = 0; round < 60; round++) {
                    int[] pages = new int[700];
                    pool.allocate(pages, pages.length, 1);
                    for (int page : pages) {
                        pool.write(page, 0, ByteBuffer.allocate(8).putLong(0, mark << 32 | page), 0, 8);
                    }
                    ByteBuffer read = ByteBuffer.allocate(8);
                    for (int page : pages) {
                        pool.read(page, 0, read, 0, 8);
                        assertThat(read.getLong(0)).isEqualTo(mark << 32 | page);
                    }
                    pool.release(pages, pages.length);
                }
                return null;
            }));
        }
        while (workers.stream().anyMatch(worker -> !worker.isDone())) {
            pool.trim();
        }
        executor.shutdown();
        for (Future<Void> worker : workers) {
            worker.get();
        }
        pool.trim();
        assertThat(pool.usedPages()).isZero();
        assertThat(pool.reservedBytes()).isEqualTo(1 << 20);
    }

    @Test
    void saysSoWhenAFreePageIsReleasedOrRetained() {
        int page = pool.allocate();
        pool.release(page);

        assertThatThrownBy(() -> pool.release(page)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.retain(page)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void countsNoOwnersOfThePageOfZeroes() {
        pool.release(PagePool.ZERO);
        pool.retain(PagePool.ZERO);

        ByteBuffer read = ByteBuffer.allocateDirect(PagePool.PAGE_BYTES).put(7, (byte) 7);
        pool.read(PagePool.ZERO, 0, read, 0, PagePool.PAGE_BYTES);
        assertThat(read.get(7)).isZero();
        assertThat(pool.usedPages()).isZero();
    }

    @Test
    void takesNothingWhenItCannotTakeAll() {
        PagePool small = new PagePool(1 << 20);
        int[] pages = new int[300];

        assertThatThrownBy(() -> small.allocate(pages, 300, 1))
                .isInstanceOf(OutOfPagesException.class)
                .hasMessageContaining("1 MiB are reserved")
                .hasMessageContaining("limit");
        assertThat(small.usedPages()).isZero();
        small.allocate(pages, 255, 1);
        assertThat(small.usedPages()).isEqualTo(255);
    }

    /** Each thread writes its own number into the pages that it holds and finds it there when it gives them back. */
    @Test
    @Timeout(60)
    void givesNoPageToTwoThreads() throws Exception {
        int threadCount = 4;
        ExecutorService threads = Executors.newFixedThreadPool(threadCount);
        try {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int t = 1; t <= threadCount; t++) {
                int number = t;
                work.add(() -> wrongPages(number));
            }
            for (Future<Integer> wrong : threads.invokeAll(work)) {
                assertThat(wrong.get()).isZero();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(pool.usedPages()).isZero();
    }

    private int wrongPages(int number) {
        ByteBuffer mine = ByteBuffer.allocateDirect(8).putInt(0, number);
        ByteBuffer read = ByteBuffer.allocateDirect(8);
        int[] pages = new int[7];
        int wrong = 0;
        for (int round = 0; round < 100_000; round++) {
            int count = 1 + round % pages.length;
            pool.allocate(pages, count, 1);
            for (int i = 0; i < count; i++) {
                pool.write(pages[i], 0, mine, 0, 4);
            }
            for (int i = 0; i < count; i++) {
                pool.read(pages[i], 0, read, 0, 4);
                wrong += read.getInt(0) == number ? 0 : 1;
            }
            pool.release(pages, count);
        }
        return wrong;
    }
}
