package io.ublkdisk.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.cache.SurvivalPolicy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several queues at once, with the power, snapshots and crash images coming in between. */
@Timeout(120)
class DriveThreadsTest {
    private static final int QUEUES = 4;

    private final Drive drive =
            Drive.builder().sizeBytes(4 << 20).cacheBytes(1 << 20).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void closesWithoutLeaks() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        drive.close();
        assertThat(drive.pool().usedPages()).isZero();
    }

    /** Each queue has every fourth run of three sectors, so that all of them meet in the same pages. */
    @Test
    void keepsQueuesApartThatWriteInTheSamePages() throws Exception {
        int run = 3;
        int runs = 300;
        byte[][] models = new byte[QUEUES][runs * run * 512];
        AtomicBoolean done = new AtomicBoolean();
        Future<?> disturber = threads.submit(() -> disturb(done));
        List<Callable<Void>> work = new ArrayList<>();
        for (int q = 0; q < QUEUES; q++) {
            int queue = q;
            work.add(() -> {
                Host host = new Host(drive, queue);
                SplittableRandom random = new SplittableRandom(queue);
                for (int i = 0; i < 60_000; i++) {
                    int at = random.nextInt(runs);
                    int sector = (at * QUEUES + queue) * run;
                    int from = at * run * 512;
                    if (random.nextInt(3) == 0) {
                        assertThat(host.read(sector, run))
                                .isEqualTo(Arrays.copyOfRange(models[queue], from, from + run * 512));
                    } else if (random.nextInt(5) == 0) {
                        host.discard(sector, run);
                        Arrays.fill(models[queue], from, from + run * 512, (byte) 0);
                    } else {
                        byte[] data = new byte[run * 512];
                        random.nextBytes(data);
                        assertThat(random.nextInt(4) == 0 ? host.writeFua(sector, data) : host.write(sector, data))
                                .isEqualTo(BlockStatus.OK);
                        System.arraycopy(data, 0, models[queue], from, data.length);
                    }
                }
                return null;
            });
        }
        await(work);
        done.set(true);
        disturber.get();
        Host host = new Host(drive);
        for (int q = 0; q < QUEUES; q++) {
            for (int at = 0; at < runs; at++) {
                assertThat(host.read((at * QUEUES + q) * run, run))
                        .isEqualTo(Arrays.copyOfRange(models[q], at * run * 512, (at + 1) * run * 512));
            }
        }
    }

    private Void disturb(AtomicBoolean done) {
        Host host = new Host(drive, QUEUES);
        for (int i = 0; !done.get(); i++) {
            host.flush();
            try (Snapshot snapshot = drive.snapshot();
                    Drive copy = Drive.builder().from(snapshot).build();
                    Drive image = drive.crashImage(SurvivalPolicy.random(0.5, i))) {
                new Host(copy).write(i % 4096, new byte[512]);
                new Host(image).write(i % 4096, new byte[512]);
            }
        }
        return null;
    }

    /**
     * A register of 21 sectors across pages with one writer. Readers, snapshots and crash images see one version of it, whole;
     * a reader never sees an older one than it has seen, or than was acknowledged before it asked.
     */
    @Test
    void showsEachWriteWhollyAndInOrder() throws Exception {
        int sector = 5;
        int count = 21;
        int versions = 20_000;
        AtomicIntegerArray acknowledged = new AtomicIntegerArray(1);
        List<Callable<Void>> work = new ArrayList<>();
        work.add(() -> {
            Host host = new Host(drive, 0);
            for (int version = 1; version <= versions; version++) {
                host.write(sector, stamped(version, count));
                acknowledged.set(0, version);
            }
            return null;
        });
        for (int q = 1; q < 3; q++) {
            int queue = q;
            work.add(() -> {
                Host host = new Host(drive, queue);
                for (int seen = 0; seen < versions; ) {
                    int atLeast = Math.max(seen, acknowledged.get(0));
                    seen = onlyVersion(host.read(sector, count));
                    assertThat(seen).isGreaterThanOrEqualTo(atLeast);
                }
                return null;
            });
        }
        work.add(() -> {
            for (int seen = 0; seen < versions; ) {
                int atLeast = Math.max(seen, acknowledged.get(0));
                SurvivalPolicy survivors = seen % 2 == 0 ? SurvivalPolicy.all() : SurvivalPolicy.first(3);
                try (Drive fork = drive.fork();
                        Drive image = drive.crashImage(survivors)) {
                    seen = onlyVersion(new Host(fork).read(sector, count));
                    onlyVersion(new Host(image).read(sector, count));
                }
                assertThat(seen).isGreaterThanOrEqualTo(atLeast);
            }
            return null;
        });
        await(work);
    }

    /**
     * The whole disk is exchanged for another one again and again, and the memory of what was there is given back, while readers
     * copy without a lock. Each sees the one or the other, whole, and none is told of an error.
     */
    @Test
    void readsOneOfTwoDisksWhileTheyAreExchanged() throws Exception {
        int count = 64;
        Host host = new Host(drive, 0);
        host.write(0, stamped(1, count));
        try (Snapshot one = drive.snapshot()) {
            host.write(0, stamped(2, count));
            try (Snapshot two = drive.snapshot()) {
                readWhileRewinding(count, one, two);
            }
        }
    }

    private void readWhileRewinding(int count, Snapshot one, Snapshot two) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Callable<Void>> work = new ArrayList<>();
        for (int q = 1; q < 3; q++) {
            int queue = q;
            work.add(() -> {
                Host host = new Host(drive, queue);
                while (!done.get()) {
                    assertThat(onlyVersion(host.read(0, count))).isBetween(1, 2);
                }
                return null;
            });
        }
        work.add(() -> {
            try {
                for (int i = 0; i < 10_000; i++) {
                    drive.rewind(i % 2 == 0 ? one : two);
                    if (i % 100 == 0) {
                        drive.pool().trim();
                    }
                }
            } finally {
                done.set(true);
            }
            return null;
        });
        await(work);
    }

    /**
     * Each queue counts up in a sector of its own and makes it durable. Whenever the power goes, what was promised before is
     * there, and nothing is there that was never written. A flush promises nothing about a write that went with the power
     * before it, so only pairs with no cut in between count: {@code cuts} is odd while one is under way.
     */
    @Test
    void keepsEveryPromiseAcrossPowerCuts() throws Exception {
        int rounds = 200;
        AtomicIntegerArray promised = new AtomicIntegerArray(QUEUES);
        AtomicIntegerArray begun = new AtomicIntegerArray(QUEUES);
        AtomicInteger cuts = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        List<Callable<Void>> work = new ArrayList<>();
        for (int q = 0; q < QUEUES; q++) {
            int queue = q;
            work.add(() -> {
                Host host = new Host(drive, queue);
                for (int version = 1; !done.get(); version++) {
                    int cutsBefore = cuts.get();
                    begun.set(queue, version);
                    byte[] data = stamped(version, 1);
                    boolean kept = queue % 2 == 0
                            ? host.writeFua(queue, data) == BlockStatus.OK
                            : host.write(queue, data) == BlockStatus.OK && host.flush() == BlockStatus.OK;
                    if (kept && (queue % 2 == 0 || cutsBefore % 2 == 0 && cuts.get() == cutsBefore)) {
                        promised.set(queue, version);
                    }
                }
                return null;
            });
        }
        work.add(() -> {
            try {
                Host host = new Host(drive, QUEUES);
                for (int round = 0; round < rounds; round++) {
                    int[] atLeast = new int[QUEUES];
                    for (int q = 0; q < QUEUES; q++) {
                        atLeast[q] = promised.get(q);
                    }
                    try (Drive image = drive.crashImage(SurvivalPolicy.none())) {
                        check(new Host(image), atLeast, begun);
                    }
                    cuts.incrementAndGet();
                    drive.powerCut(SurvivalPolicy.random(0.5, round));
                    try (Drive left = drive.fork()) {
                        check(new Host(left), atLeast, begun);
                    }
                    drive.cache().powerOn();
                    cuts.incrementAndGet();
                    TimeUnit.MICROSECONDS.sleep(500);
                }
            } finally {
                done.set(true);
            }
            return null;
        });
        await(work);
        for (int q = 0; q < QUEUES; q++) {
            assertThat(promised.get(q)).as("the queue got somewhere").isPositive();
        }
    }

    private static void check(Host host, int[] atLeast, AtomicIntegerArray begun) {
        for (int q = 0; q < QUEUES; q++) {
            assertThat(onlyVersion(host.read(q, 1))).as("queue %d", q).isBetween(atLeast[q], begun.get(q));
        }
    }

    private void await(List<Callable<Void>> work) throws Exception {
        for (Future<Void> each : threads.invokeAll(work, 100, TimeUnit.SECONDS)) {
            each.get();
        }
    }

    private static byte[] stamped(int version, int sectorCount) {
        ByteBuffer data = ByteBuffer.allocate(sectorCount * 512);
        while (data.hasRemaining()) {
            data.putInt(version);
        }
        return data.array();
    }

    private static int onlyVersion(byte[] bytes) {
        ByteBuffer data = ByteBuffer.wrap(bytes);
        int version = data.getInt();
        while (data.hasRemaining()) {
            assertThat(data.getInt()).isEqualTo(version);
        }
        return version;
    }
}
