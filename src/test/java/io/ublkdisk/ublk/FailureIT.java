package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.MockBackend;
import io.ublkdisk.backend.SimpleBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.kernel.Errno;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class FailureIT {
    private static final int SIZE = 8 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    /** go-ublk 7: every error was EIO. */
    @ParameterizedTest
    @EnumSource(value = BlockStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
    void statusArrivesAtTheProgramAsItsErrno(BlockStatus status) throws Exception {
        MockBackend backend = new MockBackend(SIZE);
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                backend.fail(Operation.READ, status, 1);
                assertThat(Errno.of(disk.read(4096, 4096)).name()).isEqualTo(status.errnoName());
                backend.fail(Operation.WRITE, status, 1);
                assertThat(Errno.of(disk.write(4096, 4096)).name()).isEqualTo(status.errnoName());
                assertThat(disk.read(4096, 4096)).as("afterwards all is well").isEqualTo(4096);
            }
            assertThat(device.metrics().errors()).containsEntry(status, 2L);
        }
    }

    @Test
    void backendThatThrowsNowAndThenCostsOnlyThoseRequests() throws Exception {
        Queue<Throwable> reported = new ConcurrentLinkedQueue<>();
        DeviceListener listener = new DeviceListener() {
            @Override
            public void backendThrew(Request request, Throwable thrown) {
                reported.add(thrown);
                throw new IllegalStateException("a listener that throws, too");
            }
        };
        ThrowingBackend backend = new ThrowingBackend(new MemoryBackend(SIZE));
        try (UblkDevice device = UblkDevice.builder(backend).listener(listener).create()) {
            device.start();
            backend.armed = true;
            try (DirectDisk disk = new DirectDisk(device.path())) {
                for (int i = 1; i <= 30; i++) {
                    int answer = disk.write(i * 4096L, 4096);
                    if (i % 3 == 0) {
                        assertThat(Errno.of(answer)).as("request %d", i).isEqualTo(Errno.EIO);
                    } else {
                        assertThat(answer).as("request %d", i).isEqualTo(4096);
                    }
                }
            }
            backend.armed = false;
            assertThat(reported).hasSize(10).anyMatch(t -> t instanceof AssertionError);
            assertThat(device.metrics().backendFailures()).isEqualTo(10);
            assertThat(device.metrics().errors()).containsEntry(BlockStatus.IO, 10L);
            assertThat(device.isRunning()).isTrue();
        }
    }

    /** go-ublk 6: a short result was committed as full success. */
    @Test
    void shortReadIsAnErrorAndNotData() throws Exception {
        SimpleBackend backend = new SimpleBackend(SIZE) {
            @Override
            protected void read(long offsetBytes, ByteBuffer target) {
                int available = (int) Math.max(0, Math.min(target.remaining(), (1 << 20) - offsetBytes));
                target.put(new byte[available]);
            }

            @Override
            protected void write(long offsetBytes, ByteBuffer source) {
                source.position(source.position() + Math.min(512, source.remaining()));
            }
        };
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.expectZeroes((1 << 20) - 8192, 8192);
                assertThat(Errno.of(disk.read((1 << 20) - 4096, 8192))).isEqualTo(Errno.EIO);
                assertThat(disk.write(0, 65_536)).as("in pieces").isEqualTo(65_536);
            }
        }
    }

    @Test
    void completionsFromOtherThreadsArrive() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(3);
        MemoryBackend memory = new MemoryBackend(SIZE);
        Backend handsOff = new Backend() {
            @Override
            public long sizeBytes() {
                return SIZE;
            }

            @Override
            public void submit(Request request) {
                pool.execute(() -> {
                    if (request.sector() % 16 == 0) {
                        request.runAt(Clock.nanos() + 1_000_000, memory::submit);
                    } else {
                        memory.submit(request);
                    }
                });
            }
        };
        try (UblkDevice device = UblkDevice.builder(handsOff).create()) {
            device.start();
            Fio.verify(device.path(), 2, 16, 2);
        }
        pool.shutdown();
    }

    @Test
    void delayedRequestDelaysNobodyElse() throws Exception {
        MockBackend backend = new MockBackend(SIZE).delay(Operation.WRITE, Duration.ofMillis(1500));
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            CompletableFuture<Integer> write = inBackground(device, disk -> disk.write(0, 4096));
            assertThat(backend.awaitCount(Operation.WRITE, 1, Duration.ofSeconds(20)))
                    .isTrue();
            long begin = Clock.nanos();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                for (int i = 1; i < 20; i++) {
                    assertThat(disk.read(i * 4096L, 4096)).isEqualTo(4096);
                }
            }
            assertThat(write)
                    .as("still waiting after %d ms", (Clock.nanos() - begin) / 1_000_000)
                    .isNotDone();
            assertThat(write.get(20, TimeUnit.SECONDS)).isEqualTo(4096);
            assertThat(device.metrics().operation(Operation.WRITE).latency().nanosAt(1))
                    .isBetween(1_500_000_000L, 20_000_000_000L);
        }
    }

    @Test
    void stopRunsAtOnceWhatWaitsForATime() throws Exception {
        MockBackend backend = new MockBackend(SIZE).delay(Operation.WRITE, Duration.ofMinutes(10));
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            List<CompletableFuture<Integer>> writes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                long offset = i * 4096L;
                writes.add(inBackground(device, disk -> disk.write(offset, 4096)));
            }
            assertThat(backend.awaitCount(Operation.WRITE, 4, Duration.ofSeconds(20)))
                    .isTrue();
            assertThat(device.metrics().inFlight()).isEqualTo(4);
            device.stop();
            for (CompletableFuture<Integer> write : writes) {
                assertThat(write.get(20, TimeUnit.SECONDS)).isEqualTo(4096);
            }
        }
    }

    @Test
    void stopFailsWhatTheBackendNeverGivesBack() throws Exception {
        MockBackend backend = new MockBackend(SIZE).hold(Operation.READ);
        UblkDevice device = null;
        try {
            device = UblkDevice.builder(backend)
                    .drainTimeout(Duration.ofMillis(800))
                    .autoPartScan(!Needs.isAtLeast("7.0")) // which reads for it after the start
                    .create();
            backend.release();
            device.start();
            backend.hold(Operation.READ);
            UblkDevice started = device;
            CompletableFuture<Integer> read = inBackground(started, disk -> disk.read(65_536, 4096));
            assertThat(backend.awaitCount(Operation.READ, 1, Duration.ofSeconds(20)))
                    .isTrue();
            while (backend.held() == 0) {
                Thread.onSpinWait();
            }
            device.stop();
            assertThat(device.state()).isEqualTo(DeviceState.STOPPED);
            assertThat(Errno.of(read.get(20, TimeUnit.SECONDS))).isEqualTo(Errno.EIO);
            // Late, and into memory that the device is done with: not heard, and no crash.
            assertThat(backend.release()).isPositive();
            System.gc();
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 65_536, 3);
                disk.expectPattern(0, 65_536, 3);
            }
        } finally {
            if (device != null) {
                device.close();
            }
        }
    }

    @Test
    void stopWithManyRequestsInFlightEnds() throws Exception {
        MockBackend backend = new MockBackend(SIZE).delay(Operation.READ, Duration.ofMillis(3));
        try (UblkDevice device = UblkDevice.builder(backend).queues(2).create()) {
            device.start();
            List<CompletableFuture<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                long offset = i * 65_536L;
                readers.add(inBackground(device, disk -> {
                    int answer;
                    do {
                        answer = disk.read(offset, 4096);
                    } while (answer == 4096);
                    return answer;
                }));
            }
            assertThat(backend.awaitCount(Operation.READ, 50, Duration.ofSeconds(30)))
                    .isTrue();
            device.stop();
            for (CompletableFuture<Integer> reader : readers) {
                assertThat(reader.get(20, TimeUnit.SECONDS)).isLessThanOrEqualTo(0);
            }
            assertThat(Sysfs.queueThreads(device)).isEmpty();
        }
    }

    private interface Work {
        int run(DirectDisk disk);
    }

    private static CompletableFuture<Integer> inBackground(UblkDevice device, Work work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (DirectDisk disk = new DirectDisk(device.path())) {
                        return work.run(disk);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                command -> new Thread(command).start());
    }

    /** Once armed, every third request throws: before its end, after its end, and with an Error. */
    private static final class ThrowingBackend implements Backend {
        private final Backend inner;
        volatile boolean armed;
        private int count;

        ThrowingBackend(Backend inner) {
            this.inner = inner;
        }

        @Override
        public long sizeBytes() {
            return inner.sizeBytes();
        }

        @Override
        public void submit(Request request) throws Exception {
            if (armed && request.operation() == Operation.WRITE && ++count % 3 == 0) {
                if (count % 9 == 0) {
                    request.fail(BlockStatus.IO);
                    throw new IllegalStateException("after the end of request " + count);
                }
                if (count % 6 == 0) {
                    throw new AssertionError("request " + count);
                }
                throw new java.io.IOException("request " + count);
            }
            inner.submit(request);
        }
    }
}
