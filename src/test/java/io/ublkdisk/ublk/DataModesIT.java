package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.MockBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.kernel.Errno;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way that bytes can take between the kernel and us brings all of them, unharmed. */
@Timeout(180)
class DataModesIT {
    @TempDir
    Path folder;

    private static final int MIB = 1 << 20;
    private static final int SIZE = 8 * MIB;
    private static final boolean ALL = Boolean.getBoolean("ublkdisk.all");

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    /** All of modes, queues and block sizes if asked for; otherwise each mode with some of them, so that each has its turn. */
    static Stream<Arguments> modesQueuesAndBlocks() {
        int[] queues = {1, 2, 4};
        int[] blocks = {512, 4096};
        List<Arguments> all = new ArrayList<>();
        for (Way way : Way.values()) {
            for (int q = 0; q < queues.length; q++) {
                for (int b = 0; b < blocks.length; b++) {
                    boolean itsTurn = q == 1 + way.ordinal() / 2 % 2 && b == way.ordinal() % 2;
                    if (ALL || itsTurn) {
                        all.add(arguments(way, queues[q], blocks[b]));
                    }
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("modesQueuesAndBlocks")
    void fioFindsEveryChecksumThatItWrote(Way way, int queues, int block) throws Exception {
        try (UblkDevice device = device(way, way.storage(folder, 2 * SIZE))
                .queues(queues)
                .logicalBlockSize(block)
                .create()) {
            device.start();
            assertThat(device.info().features()).containsAll(way.features());
            Fio.verify(device.path(), 2, 16, 2, block);
            for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
                assertThat(device.metrics().operation(operation).bytes()).isGreaterThanOrEqualTo(4 * MIB);
            }
            assertThat(device.metrics().errors()).isEmpty();
        }
    }

    /** What md5sum reads from the device is what a model in this JVM has, after writes, discards and zeroes of many shapes. */
    @ParameterizedTest
    @MethodSource({"io.ublkdisk.ublk.Way#withData", "io.ublkdisk.ublk.Way#withoutData"})
    void md5OfTheDeviceIsThatOfAModel(Way way) throws Exception {
        byte[] model = new byte[SIZE];
        Random random = new Random(way.ordinal());
        try (UblkDevice device = device(way, way.storage(folder, SIZE)).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                int[] lengths = {512, 1536, 4096, 65_536 + 512, MIB, MIB + 512, 3 * MIB};
                long[] offsets = {0, 512, 4096 - 512, MIB - 512, 5 * MIB + 512};
                int salt = 0;
                for (int length : lengths) {
                    for (long offset : offsets) {
                        if (offset + length <= SIZE) {
                            disk.writePattern(offset, length, ++salt);
                            disk.expectPattern(offset, length, salt);
                            disk.buffer().get(0, model, (int) offset, length);
                        }
                    }
                    int from = random.nextInt(SIZE / 512 - 2048) * 512;
                    boolean discarded = random.nextBoolean();
                    int answer = discarded ? disk.discard(from, 512 * 1024) : disk.zeroOut(from, 512 * 1024);
                    assertThat(answer).isZero();
                    Arrays.fill(model, from, from + 512 * 1024, (byte) 0);
                }
                assertThat(disk.sync()).isZero();
            }
            assertThat(md5sum(device))
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("MD5").digest(model)));
        }
    }

    /** Large requests of many threads, ended out of order and on foreign threads: none may get the bytes of another. */
    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withData")
    void requestsInFlightKeepTheirBytesApart(Way way) throws Exception {
        int threads = 4;
        ExecutorService elsewhere = Executors.newFixedThreadPool(2);
        MemoryBackend memory = new MemoryBackend(threads * 2L * MIB);
        Backend outOfOrder = new Backend() {
            @Override
            public long sizeBytes() {
                return memory.sizeBytes();
            }

            @Override
            public void submit(Request request) {
                elsewhere.execute(() -> memory.submit(request));
            }
        };
        try (UblkDevice device = device(way, outOfOrder).queues(2).queueDepth(8).create()) {
            device.start();
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long base = t * 2L * MIB;
                int salt = t;
                all.add(pool.submit(() -> {
                    try (DirectDisk disk = new DirectDisk(device.path())) {
                        for (int round = 0; round < 4; round++) {
                            disk.writePattern(base, 2 * MIB, 100 * salt + round);
                            disk.expectPattern(base, 2 * MIB, 100 * salt + round);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(90, TimeUnit.SECONDS);
            }
            pool.shutdown();
        } finally {
            elsewhere.shutdown();
        }
    }

    /** An error of the backend is the program's error, in every mode, and the next request is as if nothing had been. */
    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withData")
    void errorsPassAndLeaveNothingBehind(Way way) throws Exception {
        MockBackend backend = new MockBackend(SIZE);
        try (UblkDevice device = device(way, backend).queueDepth(4).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 4096, 1);
                backend.fail(Operation.READ, BlockStatus.MEDIUM, 1);
                assertThat(Errno.of(disk.read(0, 4096))).isEqualTo(Errno.ENODATA);
                backend.fail(Operation.WRITE, BlockStatus.NOSPC, 1);
                assertThat(Errno.of(disk.write(0, 4096))).isEqualTo(Errno.ENOSPC);
                disk.expectPattern(0, 4096, 1);
                disk.writePattern(0, 4096, 2);
                disk.expectPattern(0, 4096, 2);
            }
        }
    }

    /** A backend that never answers: its requests are failed, and stop ends, in every mode. */
    @ParameterizedTest
    @MethodSource("io.ublkdisk.ublk.Way#withData")
    void stopEndsAlthoughTheBackendKeepsRequests(Way way) throws Exception {
        MockBackend keeping = new MockBackend(SIZE).hold(Operation.WRITE);
        try (UblkDevice device =
                device(way, keeping).drainTimeout(Duration.ofMillis(500)).create()) {
            device.start();
            Thread writer = new Thread(() -> {
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    disk.write(0, 4096);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            assertThat(keeping.awaitCount(Operation.WRITE, 1, Duration.ofSeconds(20)))
                    .isTrue();
            device.stop();
            writer.join(20_000);
            assertThat(writer.isAlive()).isFalse();
        }
    }

    /** A driver only leaves out what it does not know: we must not go on as if it had agreed. */
    @Test
    void modeThatTheKernelLacksIsRefusedWithTheRemedy() throws Exception {
        UblkFeature lacking;
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            lacking = Stream.of(UblkFeature.values())
                    .filter(feature -> !hasIt(control, feature))
                    .findFirst()
                    .orElse(null);
        }
        if (lacking == null) {
            return; // a kernel that has everything that we know
        }
        UblkFeature wanted = lacking;
        UblkDeviceBuilder settings = UblkDevice.builder(new MemoryBackend(SIZE)).require(wanted);
        assertThatThrownBy(settings::create)
                .isInstanceOf(UblkException.class)
                .hasMessageContaining("ADD_DEV with " + wanted)
                .hasMessageContaining("use Linux " + wanted.since() + " or newer");
    }

    private static boolean hasIt(UblkControl control, UblkFeature feature) {
        try {
            return control.features().contains(feature);
        } catch (UblkException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UblkDeviceBuilder device(Way way, Backend backend) throws UblkException {
        Needs.features(way.features());
        return way.on(backend);
    }

    private static String md5sum(UblkDevice device) throws Exception {
        Process md5sum = new ProcessBuilder("md5sum", device.path().toString()).start();
        String output = new String(md5sum.getInputStream().readAllBytes());
        assertThat(md5sum.waitFor()).isZero();
        return output.substring(0, 32);
    }
}
