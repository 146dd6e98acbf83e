package io.ublkdisk.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The media against a plain array of bytes, with forks of forks. */
class CowMediaTest {
    /** Ends inside a page, and needs two levels of nodes. */
    private static final int SECTORS = 1021;

    /** One change of one of the disks: {@code disk} counts modulo those that there are. */
    record Step(Kind kind, int disk, int sector, int sectorCount, int content) {
        enum Kind {
            WRITE,
            ZERO,
            FORK,
            CLOSE
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> sector = Arbitraries.integers().between(0, SECTORS - 1);
        Arbitrary<Integer> length = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.integers().between(1, 20)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(1, SECTORS)));
        Arbitrary<Step.Kind> kind = Arbitraries.of(
                Step.Kind.WRITE, Step.Kind.WRITE, Step.Kind.WRITE, Step.Kind.ZERO, Step.Kind.FORK, Step.Kind.CLOSE);
        return Combinators.combine(kind, Arbitraries.integers().between(0, 5), sector, length, Arbitraries.integers())
                .as((k, disk, first, count, content) ->
                        new Step(k, disk, first, Math.min(count, SECTORS - first), content))
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 500)
    void readsWhatWasWrittenOnEachOfItsForks(@ForAll("steps") List<Step> steps) {
        PagePool pool = new PagePool();
        List<CowMedia> disks = new ArrayList<>(List.of(new CowMedia(pool, SECTORS * 512L)));
        List<byte[]> models = new ArrayList<>(List.of(new byte[SECTORS * 512]));
        for (Step step : steps) {
            int at = step.disk % disks.size();
            int from = step.sector * 512;
            int length = step.sectorCount * 512;
            switch (step.kind) {
                case WRITE -> {
                    ByteBuffer data = data(step.content, length);
                    disks.get(at).write(step.sector, step.sectorCount, data, 100);
                    data.get(100, models.get(at), from, length);
                }
                case ZERO -> {
                    disks.get(at).zero(step.sector, step.sectorCount);
                    Arrays.fill(models.get(at), from, from + length, (byte) 0);
                }
                case FORK -> {
                    disks.add(disks.get(at).fork());
                    models.add(models.get(at).clone());
                }
                case CLOSE -> {
                    if (disks.size() > 1) {
                        disks.remove(at).close();
                        models.remove(at);
                    }
                }
            }
            assertThat(pageOwnersAgree(disks, pool)).isTrue();
        }
        for (int i = 0; i < disks.size(); i++) {
            assertThat(content(disks.get(i))).isEqualTo(models.get(i));
            // Once more in odd pieces: a read may begin and end inside a page too.
            ByteBuffer piece = ByteBuffer.allocateDirect(512 * 13 + 5);
            for (int sector = 0; sector < SECTORS; sector += 13) {
                int count = Math.min(13, SECTORS - sector);
                disks.get(i).read(sector, count, piece, 5);
                byte[] read = new byte[count * 512];
                piece.get(5, read);
                assertThat(read).isEqualTo(Arrays.copyOfRange(models.get(i), sector * 512, (sector + count) * 512));
            }
        }
        disks.forEach(CowMedia::close);
        assertThat(pool.usedPages()).as("pages that nobody gave back").isZero();
    }

    /** No page is used that no disk reads from: what is not reachable is a leak even before the disks are closed. */
    private static boolean pageOwnersAgree(List<CowMedia> disks, PagePool pool) {
        return disks.stream()
                        .flatMapToInt(disk -> java.util.stream.IntStream.range(0, (SECTORS + 7) / 8)
                                .map(disk::page))
                        .filter(page -> page != PagePool.ZERO)
                        .distinct()
                        .count()
                == pool.usedPages();
    }

    @Test
    void takesMemoryForWhatIsWrittenAlone() {
        PagePool pool = new PagePool();
        try (CowMedia disk = new CowMedia(pool, 64L << 30)) {
            disk.write((64L << 21) - 1, 1, data(1, 512), 100);
            disk.write(8, 16, data(2, 8192), 100);
            assertThat(pool.usedPages()).isEqualTo(3);

            disk.zero(0, 64 << 21);
            assertThat(pool.usedPages()).isZero();
        }
    }

    /** Law: a 64 GiB sparse disk with 10,000 snapshots after small writes stays below 1 GiB, and gives all of it back. */
    @Test
    void keepsTenThousandForksOfA64GibDiskInLittleMemory() {
        PagePool pool = new PagePool();
        CowMedia disk = new CowMedia(pool, 64L << 30);
        SplittableRandom random = new SplittableRandom(1);
        List<CowMedia> forks = new ArrayList<>();
        System.gc();
        long heapBefore = heapBytes();
        for (int i = 0; i < 10_000; i++) {
            disk.write(random.nextLong((64L << 21) - 8), 8, data(i, 4096), 100);
            forks.add(disk.fork());
        }
        System.gc();
        long heap = heapBytes() - heapBefore;
        assertThat(heap + pool.reservedBytes()).isLessThan(256L << 20);

        forks.forEach(CowMedia::close);
        disk.close();
        assertThat(pool.usedPages()).isZero();
    }

    @Test
    void closesTwiceWithoutHarm() {
        PagePool pool = new PagePool();
        CowMedia disk = new CowMedia(pool, 8192);
        disk.write(0, 16, data(1, 8192), 100);
        CowMedia fork = disk.fork();

        disk.close();
        disk.close();
        assertThat(fork.page(1)).isNotZero();
        assertThat(pool.usedPages()).isEqualTo(2);
        fork.close();
        assertThat(pool.usedPages()).isZero();
    }

    @Test
    void refusesWhatIsPastTheEnd() {
        try (CowMedia disk = new CowMedia(new PagePool(), 12 * 512)) {
            assertThatThrownBy(() -> disk.write(5, 8, data(1, 4096), 100))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("sectors 5 to 12 of a disk of 12 sectors");
            assertThatThrownBy(() -> disk.zero(12, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> disk.read(-1, 1, data(1, 512), 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(disk.pool().usedPages()).isZero();
        }
        assertThatThrownBy(() -> new CowMedia(new PagePool(), 1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000");
    }

    private static long heapBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static byte[] content(CowMedia disk) {
        byte[] bytes = new byte[SECTORS * 512];
        ByteBuffer all = ByteBuffer.allocateDirect(bytes.length);
        disk.read(0, SECTORS, all, 0);
        all.get(0, bytes);
        return bytes;
    }

    /** Bytes of that content behind 100 others, so that a lost offset shows. */
    private static ByteBuffer data(int content, int length) {
        byte[] bytes = new byte[100 + length];
        new SplittableRandom(content).nextBytes(bytes);
        return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
    }
}
