package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.ublk.DirectDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Several threads at once on a real device, past the page cache, and somewhere on the way the power goes: what each was told fits
 * the model of a drive, a register for each sector, and so does what is left ({@link History}); with that the next history begins.
 *
 * <p>A durable write ({@code O_DSYNC}) of a raw device is a write with FUA and behind it a flush, so that a drive that ignores
 * FUA is not found out here, but by {@link FilesystemCutsIT}.
 *
 * <p>200 histories on any day, five times as many with {@code -Dublkdisk.all=true}.
 */
class HistoriesIT {
    private static final int HISTORIES_A_TRY = Boolean.getBoolean("ublkdisk.all") ? 5 : 1;
    private static final int THREADS = 4;
    private static final int STEPS = 10;
    /** Few, so that threads meet; not whole pages. */
    private static final int SECTORS = 12;

    private static final int LONGEST = 4;
    private static final int SECTOR = 512;
    /** Of zeroes, which a new disk has. */
    private static final int NO_VALUE = 0;

    private static final int O_DSYNC = 0x1000;
    private static final List<String> KEEP =
            List.of("none", "all", "random 0.5", "random 0.5 torn subset", "all torn", "all torn right", "first 3");

    private static final long START_NANOS = System.nanoTime();
    private static final AtomicInteger PROMISES = new AtomicInteger();
    private static final AtomicInteger LOST = new AtomicInteger();
    private static RemoteDisk disk;
    private static int[] there = new int[SECTORS];
    private static int value = NO_VALUE;
    private static ExecutorService threads;
    private static List<Asker> askers;

    /** A thread's two descriptors of the device; it asks for one thing at a time. */
    private static final class Asker implements AutoCloseable {
        private final int thread;
        private final DirectDisk plain;
        private final DirectDisk durable;

        Asker(int thread) throws Exception {
            this.thread = thread;
            plain = new DirectDisk(disk.device(), LinuxCalls.O_RDWR);
            durable = new DirectDisk(disk.device(), LinuxCalls.O_RDWR | O_DSYNC);
        }

        /** @return whether it went well */
        boolean ask(Step step, Clock clock, History.Recorder recorder) {
            DirectDisk through = step.kind == History.Kind.WRITE_DURABLE ? durable : plain;
            int length = step.count * SECTOR;
            long offset = (long) step.first * SECTOR;
            if (step.value != NO_VALUE) {
                for (int i = 0; i < length; i += Long.BYTES) {
                    through.buffer().putLong(i, word(step.value, step.first + i / SECTOR));
                }
            }
            long begun = clock.tick();
            int result = switch (step.kind) {
                case WRITE, WRITE_DURABLE -> through.write(offset, length);
                case READ -> through.read(offset, length);
                case FLUSH -> through.sync();
            };
            long ended = clock.tick();
            boolean ok = step.kind == History.Kind.FLUSH ? result == 0 : result == length;
            int[] seen = ok && step.kind == History.Kind.READ ? values(through, step.first, step.count) : null;
            recorder.add(
                    new History.Event(thread, step.kind, step.first, step.count, step.value, seen, begun, ended, ok));
            return ok;
        }

        int[] all() {
            assertThat(plain.read(0, SECTORS * SECTOR)).isEqualTo(SECTORS * SECTOR);
            return values(plain, 0, SECTORS);
        }

        private static int[] values(DirectDisk read, int first, int count) {
            int[] values = new int[count];
            for (int i = 0; i < count; i++) {
                long word = read.buffer().getLong(i * SECTOR);
                values[i] = (int) (word >>> Integer.SIZE);
                long expected = word(values[i], first + i);
                for (int at = 0; at < SECTOR; at += Long.BYTES) {
                    assertThat(read.buffer().getLong(i * SECTOR + at))
                            .as("sector %d, byte %d: a sector is of one write", first + i, at)
                            .isEqualTo(expected);
                }
            }
            return values;
        }

        private static long word(int value, int sector) {
            return value == NO_VALUE ? 0 : (long) value << Integer.SIZE | sector;
        }

        @Override
        public void close() {
            plain.close();
            durable.close();
        }
    }

    /** A tick for each event; at one of them it is time for the power to go. */
    private static final class Clock {
        private final AtomicLong ticks = new AtomicLong();
        private final AtomicInteger running = new AtomicInteger(THREADS);
        private final CountDownLatch due = new CountDownLatch(1);
        private final long cutAt;

        Clock(long cutAt) {
            this.cutAt = cutAt;
        }

        long tick() {
            long now = ticks.getAndIncrement();
            if (now >= cutAt) {
                due.countDown();
            }
            return now;
        }

        /** Of a thread: it asks no more. */
        void leave() {
            if (running.decrementAndGet() == 0) {
                due.countDown();
            }
        }
    }

    private record Step(History.Kind kind, int first, int count, int value) {
        /** @param value its own, if it writes */
        static Step random(SplittableRandom random, int value) {
            int dice = random.nextInt(12);
            History.Kind kind = dice < 7
                    ? History.Kind.WRITE
                    : dice < 8 ? History.Kind.WRITE_DURABLE : dice < 11 ? History.Kind.READ : History.Kind.FLUSH;
            if (kind == History.Kind.FLUSH) {
                return new Step(kind, 0, 0, NO_VALUE);
            }
            int count = random.nextInt(1, LONGEST + 1);
            int first = random.nextInt(SECTORS - count + 1);
            return new Step(kind, first, count, kind == History.Kind.READ ? NO_VALUE : value);
        }
    }

    @BeforeContainer
    static void start() throws Exception {
        disk = ServerProcess.shared()
                .connection()
                .create(DiskSpec.builder().size("1MiB").queues(2).queueDepth(16).build());
        threads = Executors.newFixedThreadPool(THREADS);
        askers = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            askers.add(new Asker(thread));
        }
    }

    @AfterContainer
    static void nothingIsLeft() throws DiskException {
        System.out.printf(
                "%d promises, %d cuts that took something, %d ms%n",
                PROMISES.get(), LOST.get(), (System.nanoTime() - START_NANOS) / 1_000_000);
        assertThat(PROMISES.get())
                .as("histories that promise nothing prove nothing")
                .isPositive();
        assertThat(LOST.get()).as("cuts that take nothing prove nothing").isPositive();
        threads.shutdown();
        askers.forEach(Asker::close);
        assertThat(disk.delete()).isEmpty();
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void fitTheModel(@ForAll long seed) throws Exception {
        for (int i = 0; i < HISTORIES_A_TRY; i++) {
            run(new SplittableRandom(seed + i));
        }
    }

    private static void run(SplittableRandom random) throws Exception {
        // At any moment, and sometimes only when all is done.
        Clock clock = new Clock(random.nextInt(2 * THREADS * STEPS * 5 / 4));
        History.Recorder recorder = new History.Recorder();
        CyclicBarrier start = new CyclicBarrier(THREADS + 1);
        List<Future<?>> running = new ArrayList<>();
        for (Asker asker : askers) {
            List<Step> steps = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                steps.add(Step.random(random, ++value));
            }
            running.add(threads.submit(() -> {
                start.await(10, TimeUnit.SECONDS);
                try {
                    for (Step step : steps) {
                        if (!asker.ask(step, clock, recorder)) {
                            break;
                        }
                    }
                } finally {
                    clock.leave();
                }
                return null;
            }));
        }
        String keep = KEEP.get(random.nextInt(KEEP.size()));
        start.await(10, TimeUnit.SECONDS);
        assertThat(clock.due.await(60, TimeUnit.SECONDS)).isTrue();
        String cut = disk.powerCut(keep, random.nextLong());
        for (Future<?> one : running) {
            one.get(60, TimeUnit.SECONDS);
        }
        disk.powerOn();
        History history = recorder.history(there);
        assertThat(history.notLinearizable()).as("%s", history).isEmpty();
        there = askers.get(0).all();
        assertThat(history.notDurable(there))
                .as("%s; power cut keep %s: %s", history, keep, cut)
                .isEmpty();
        PROMISES.addAndGet((int) history.promises());
        LOST.addAndGet(cut.startsWith("0 ") ? 0 : 1);
    }
}
