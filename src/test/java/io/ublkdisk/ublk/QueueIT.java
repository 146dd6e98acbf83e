package io.ublkdisk.ublk;

import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.fault.effect.HoldEffect.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class QueueIT {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 16 * MIB;
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    /** go-ublk 1 and 2: queues that map the first one's descriptors, and runners for queues that the kernel does not have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void everyQueueIsServedOnAThreadOfItsOwn(int wanted) throws Exception {
        CountingBackend backend = new CountingBackend(new MemoryBackend(SIZE));
        try (UblkDevice device =
                UblkDevice.builder(backend).queues(wanted).queueDepth(8).create()) {
            device.start();
            int queues = Math.min(wanted, PROCESSORS);
            assertThat(device.info().queues()).isEqualTo(queues);
            assertThat(Sysfs.hardwareQueues(device)).hasSize(queues);
            assertThat(Sysfs.queueThreads(device)).hasSize(queues);
            for (int q = 0; q < queues; q++) {
                BitSet affinity = device.queueAffinity(q);
                assertThat(affinity.toString())
                        .isEqualTo("{" + Sysfs.hardwareQueues(device).get(q) + "}");
                long before = backend.count(q);
                int salt = q;
                onProcessor(affinity.nextSetBit(0), () -> {
                    try (DirectDisk disk = new DirectDisk(device.path())) {
                        disk.writePattern(salt * 2L * MIB, 2 * MIB, salt);
                        disk.expectPattern(salt * 2L * MIB, 2 * MIB, salt);
                    }
                });
                assertThat(backend.count(q)).as("requests of queue %d", q).isGreaterThanOrEqualTo(before + 4);
            }
            Fio.verify(device.path(), 2, 16, 4);
        }
        assertThat(backend.wrongThreads())
                .as("requests on another thread than their queue's")
                .isZero();
    }

    @Test
    void pinnedQueuesRunWhereTheirRequestsComeFrom() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                .queues(PROCESSORS)
                .pinQueues(true)
                .create()) {
            device.start();
            long pinned = java.nio.file.Files.list(java.nio.file.Path.of("/proc/self/task"))
                    .map(task -> status(task))
                    .filter(text -> text.contains("Name:\tublk-" + device.id() + "-queue"))
                    .filter(text -> text.matches("(?s).*Cpus_allowed_list:\\s+\\d+\\n.*"))
                    .count();
            assertThat(pinned).isEqualTo(PROCESSORS);
        }
    }

    /** go-ublk 2: a queue whose fetches are refused must not be silence but an error of the start. */
    @Test
    void queueThatTheKernelDoesNotHaveIsAnError() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            int fd = ControlDevice.openOrExplain("/dev/ublkc" + device.id());
            Queue stray = new Queue(
                    device.id(),
                    5,
                    () -> new QueueLoop(
                            new TagShare(5, 0, 1, 128, true, null),
                            device.info(),
                            device.params(),
                            fd,
                            new MemoryBackend(SIZE),
                            DeviceListener.NONE,
                            new QueueMetrics(Clock::nanos)),
                    null,
                    DeviceListener.NONE,
                    () -> {});
            stray.start();
            assertThatThrownBy(() -> stray.awaitReady(Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            assertThat(stray.join(Duration.ofSeconds(20))).isTrue();
            LinuxCalls.close(fd);
        }
    }

    static Stream<Arguments> backends() {
        return Stream.of(
                arguments(named("the bare server", new MemoryBackend(SIZE))),
                arguments(named("a drive", drive(true))),
                arguments(named("a drive without a cache", drive(false))),
                arguments(named("a drive with rules that do not match", driveWithRules())));
    }

    private static Drive drive(boolean volatileCache) {
        return Drive.builder().sizeBytes(SIZE).volatileCache(volatileCache).build();
    }

    private static Drive driveWithRules() {
        long last = SIZE / 512 - 8;
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rules.add(Rule.on(Kind.READ).sectors(last, last + 7).effect(fail(BlockStatus.MEDIUM)));
            rules.add(Rule.on(Kind.WRITE).sectors(last, last + 7).effect(delay(Duration.ofSeconds(1))));
            rules.add(Rule.on(Kind.FUA).effect(hold()));
        }
        Drive drive = drive(true);
        drive.rules().addAll(rules);
        return drive;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void steadyStateAllocatesNothing(Backend backend) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            long id = Sysfs.queueThreads(device).get(0).getId();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                long least = Long.MAX_VALUE;
                // What a path allocates on its first use, the JVM's linkage above all, is over after a round or two.
                for (int round = 0; round < 5 && least > 0; round++) {
                    long before = threads.getThreadAllocatedBytes(id);
                    mixed(disk, 1000);
                    least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
                }
                assertThat(least).as("bytes in a round of 1000 requests").isZero();
            }
        }
    }

    @Test
    void metricsCountWhatTheKernelAsked() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            device.start();
            DeviceMetrics before = device.metrics();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                for (int i = 0; i < 10; i++) {
                    disk.writePattern(i * 8192L, 8192, i);
                }
                disk.expectPattern(0, 8192, 0);
                disk.sync();
            }
            DeviceMetrics metrics = device.metrics();
            assertThat(metrics.operation(Operation.WRITE).count()).isEqualTo(10);
            assertThat(metrics.operation(Operation.WRITE).bytes()).isEqualTo(81_920);
            assertThat(metrics.operation(Operation.WRITE).latency().count()).isEqualTo(10);
            assertThat(metrics.operation(Operation.WRITE).latency().nanosAt(0)).isPositive();
            assertThat(metrics.operation(Operation.READ).bytes()
                            - before.operation(Operation.READ).bytes())
                    .isGreaterThanOrEqualTo(8192);
            assertThat(metrics.operation(Operation.FLUSH).count()).isPositive();
            assertThat(metrics.errors()).isEmpty();
            assertThat(metrics.inFlight()).isZero();
            assertThat(metrics.backendFailures()).isZero();
        }
    }

    private static void mixed(DirectDisk disk, int requests) {
        for (int i = 0; i < requests; i++) {
            long offset = i % 64 * 65_536L;
            switch (i % 8) {
                case 0 -> assertThat(disk.write(offset, 4096)).isEqualTo(4096);
                case 1 -> assertThat(disk.read(offset, 4096)).isEqualTo(4096);
                case 2 -> disk.zeroOut(offset + 4096, 4096);
                case 3 -> disk.sync();
                case 4 -> disk.discard(offset + 8192, 4096);
                case 5 -> assertThat(disk.write(offset, 65_536)).isEqualTo(65_536);
                default -> assertThat(disk.read(offset, 512)).isEqualTo(512);
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void onProcessor(int processor, Work work) throws Exception {
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(() -> {
            try (MappedMemory mask = MappedMemory.anonymous(128)) {
                mask.buffer().put(processor / 8, (byte) (1 << processor % 8));
                Errno.check(LinuxCalls.setAffinity(mask.address(), 128), "sched_setaffinity");
                work.run();
            } catch (Throwable thrown) {
                failure[0] = thrown;
            }
        });
        thread.start();
        thread.join(60_000);
        assertThat(failure[0]).isNull();
        assertThat(thread.isAlive()).isFalse();
    }

    private static String status(java.nio.file.Path task) {
        try {
            return java.nio.file.Files.readString(task.resolve("status"));
        } catch (java.io.IOException e) {
            return "";
        }
    }

    /** Counts the requests of each queue, and those that arrive on a foreign thread. */
    private static final class CountingBackend implements Backend {
        private final Backend inner;
        private final AtomicLongArray counts = new AtomicLongArray(8);

        CountingBackend(Backend inner) {
            this.inner = inner;
        }

        long count(int queueId) {
            return counts.get(queueId);
        }

        long wrongThreads() {
            return counts.get(7);
        }

        @Override
        public long sizeBytes() {
            return inner.sizeBytes();
        }

        @Override
        public void submit(Request request) throws Exception {
            counts.incrementAndGet(request.queueId());
            if (!Thread.currentThread().getName().endsWith("-queue-" + request.queueId())) {
                counts.incrementAndGet(7);
                request.finish(BlockStatus.IO);
                return;
            }
            inner.submit(request);
        }
    }
}
