package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.ublk.DirectDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Some threads that write and read the same few sectors of a device at random, all at once and past the page cache: what they
 * asked and were told is a {@link History}. The device begins with zeroes.
 */
public final class Askers implements AutoCloseable {
    public static final int THREADS = 4;
    private static final int STEPS = 10;
    /** Few, so that threads meet; not whole pages. */
    private static final int SECTORS = 12;

    private static final int LONGEST = 4;
    private static final int SECTOR = 512;
    /** Of zeroes, which a new disk has. */
    private static final int NO_VALUE = 0;

    private static final int O_DSYNC = 0x1000;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final List<Asker> askers = new ArrayList<>();
    private int[] there = new int[SECTORS];
    private int value = NO_VALUE;

    public Askers(Path device) throws ErrnoException {
        for (int thread = 0; thread < THREADS; thread++) {
            askers.add(new Asker(thread, device));
        }
    }

    /** A thread's two descriptors of the device; it asks for one thing at a time. */
    private static final class Asker implements AutoCloseable {
        private final int thread;
        private final DirectDisk plain;
        private final DirectDisk durable;

        Asker(int thread, Path device) throws ErrnoException {
            this.thread = thread;
            plain = new DirectDisk(device, LinuxCalls.O_RDWR);
            durable = new DirectDisk(device, LinuxCalls.O_RDWR | O_DSYNC);
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

    /** A tick for each event; at one of them something else is due. */
    private static final class Clock {
        private final AtomicLong ticks = new AtomicLong();
        private final AtomicInteger running = new AtomicInteger(THREADS);
        private final CountDownLatch due = new CountDownLatch(1);
        private final long dueAt;

        Clock(long dueAt) {
            this.dueAt = dueAt;
        }

        long tick() {
            long now = ticks.getAndIncrement();
            if (now >= dueAt) {
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

    /**
     * All of them ask, until they have or are refused. It begins with what the last history left.
     *
     * @param meanwhile at any moment of it, and sometimes only when all is done
     */
    public History ask(SplittableRandom random, Callable<?> meanwhile) throws Exception {
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
        start.await(10, TimeUnit.SECONDS);
        assertThat(clock.due.await(60, TimeUnit.SECONDS)).isTrue();
        meanwhile.call();
        for (Future<?> one : running) {
            one.get(60, TimeUnit.SECONDS);
        }
        return recorder.history(there);
    }

    /** The value of each sector, when nobody asks. The next history begins with these. */
    public int[] left() {
        there = askers.get(0).all();
        return there;
    }

    @Override
    public void close() {
        threads.shutdown();
        askers.forEach(Asker::close);
    }
}
