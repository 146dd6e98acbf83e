package io.ublkdisk.junit;

import static io.ublkdisk.junit.PatternStep.Kind.DISCARD;
import static io.ublkdisk.junit.PatternStep.Kind.READ_BUFFERED;
import static io.ublkdisk.junit.PatternStep.Kind.READ_DIRECT;
import static io.ublkdisk.junit.PatternStep.Kind.WRITE_BUFFERED;
import static io.ublkdisk.junit.PatternStep.Kind.WRITE_DIRECT;
import static io.ublkdisk.junit.PatternStep.Kind.WRITE_ZEROES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Every byte that goes to the block device comes back, whatever the pattern: scattered, overlapping, off the page grid,
 * larger than a request, mixed with discard and write-zeroes, through O_DIRECT and through the page cache. What was read is
 * compared with a model by MD5, each region as it is read and the whole device at the end.
 */
class RawPatternsIT {
    private static final int SIZE = 4 << 20;
    private static final int THREADS = 4;

    @Property(tries = 15, shrinking = ShrinkingMode.BOUNDED)
    void everyByteComesBackThroughODirect(
            @ForAll("direct") List<PatternStep> steps, @UblkDisk(size = "4MiB", lenient = true) Disk disk)
            throws IOException {
        byte[] model = new byte[SIZE];
        run(disk, steps, model);
        assertWhole(disk, model);
    }

    @Property(tries = 15, shrinking = ShrinkingMode.BOUNDED)
    void everyByteComesBackBufferedAndDirectMixed(
            @ForAll("mixed") List<PatternStep> steps, @UblkDisk(size = "4MiB", queues = 2) Disk disk)
            throws IOException {
        byte[] model = new byte[SIZE];
        run(disk, steps, model);
        assertWhole(disk, model);
    }

    @Property(tries = 5, shrinking = ShrinkingMode.BOUNDED)
    void everyByteComesBackOnBlocksOf4096(
            @ForAll("mixed") List<PatternStep> steps, @UblkDisk(size = "4MiB", logicalBlockSize = 4096) Disk disk)
            throws IOException {
        byte[] model = new byte[SIZE];
        List<PatternStep> whole = new ArrayList<>();
        for (PatternStep step : steps) {
            long from = step.offset() / 4096 * 4096;
            int length = (int) ((step.offset() + step.length() + 4095) / 4096 * 4096 - from);
            whole.add(new PatternStep(step.kind(), from, length, step.seed()));
        }
        run(disk, whole, model);
        assertWhole(disk, model);
    }

    /** Each thread has a quarter of the disk; the pages and requests at the borders are everybody's. */
    @Property(tries = 5, shrinking = ShrinkingMode.OFF)
    void everyByteComesBackFromSeveralThreads(
            @ForAll("quarter") List<PatternStep> steps, @UblkDisk(size = "4MiB", queues = 2, queueDepth = 16) Disk disk)
            throws Exception {
        byte[] model = new byte[SIZE];
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            List<PatternStep> mine = shifted(steps, t);
            all.add(threads.submit(() -> {
                run(disk, mine, model);
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get(120, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertWhole(disk, model);
    }

    @Provide
    Arbitrary<List<PatternStep>> direct() {
        return PatternStep.ofSectors(SIZE, WRITE_DIRECT, WRITE_DIRECT, WRITE_DIRECT, READ_DIRECT, DISCARD, WRITE_ZEROES)
                .list()
                .ofMinSize(5)
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<List<PatternStep>> mixed() {
        return PatternStep.ofSectors(SIZE, PatternStep.Kind.values())
                .list()
                .ofMinSize(5)
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<List<PatternStep>> quarter() {
        return PatternStep.ofSectors(SIZE / THREADS, WRITE_DIRECT, WRITE_DIRECT, READ_DIRECT, DISCARD, WRITE_ZEROES)
                .list()
                .ofMinSize(5)
                .ofMaxSize(20);
    }

    private static List<PatternStep> shifted(List<PatternStep> steps, int thread) {
        return steps.stream()
                .map(step -> new PatternStep(
                        step.kind(),
                        step.offset() + (long) thread * SIZE / THREADS,
                        step.length(),
                        step.seed() + thread))
                .toList();
    }

    private static void run(Disk disk, List<PatternStep> steps, byte[] model) throws IOException {
        try (RawDevice direct = new RawDevice(disk.device());
                FileChannel buffered =
                        FileChannel.open(disk.device(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (PatternStep step : steps) {
                run(step, direct, buffered, model);
                step.applyTo(model);
            }
            buffered.force(false);
        }
    }

    private static void run(PatternStep step, RawDevice direct, FileChannel buffered, byte[] model) throws IOException {
        switch (step.kind()) {
            case WRITE_DIRECT -> direct.write(step.offset(), step.data());
            case WRITE_BUFFERED -> write(buffered, step);
            case READ_DIRECT -> assertSame(step, direct.read(step.offset(), step.length()), model);
            case READ_BUFFERED -> assertSame(step, read(buffered, step), model);
            case DISCARD -> direct.discard(step.offset(), step.length());
            case WRITE_ZEROES -> direct.writeZeroes(step.offset(), step.length());
        }
    }

    private static void write(FileChannel channel, PatternStep step) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(step.data());
        while (data.hasRemaining()) {
            channel.write(data, step.offset() + data.position());
        }
    }

    private static byte[] read(FileChannel channel, PatternStep step) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(step.length());
        while (data.hasRemaining()) {
            assertThat(channel.read(data, step.offset() + data.position())).isPositive();
        }
        return data.array();
    }

    private static void assertSame(PatternStep step, byte[] found, byte[] model) {
        assertThat(Bytes.md5(found)).as("%s", step).isEqualTo(Bytes.md5(step.of(model)));
    }

    private static void assertWhole(Disk disk, byte[] model) throws IOException {
        try (RawDevice direct = new RawDevice(disk.device())) {
            assertThat(Bytes.md5(direct.read(0, SIZE)))
                    .as("the device, O_DIRECT")
                    .isEqualTo(Bytes.md5(model));
        }
        assertThat(Bytes.md5(disk.device())).as("the device, buffered").isEqualTo(Bytes.md5(model));
    }
}
