package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.MockBackend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.LinuxCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DataIT {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 16 * MIB;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096})
    void keepsWhatIsWrittenAtEveryKindOfOffset(int block) throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                .logicalBlockSize(block)
                .create()) {
            device.start();
            assertThat(Sysfs.queue(device, "logical_block_size")).isEqualTo("" + block);
            try (DirectDisk disk = new DirectDisk(device.path())) {
                int salt = 0;
                int[] lengths = {block, 3 * block, 4096, 65_536, 65_536 + block, MIB, MIB + block, 3 * MIB};
                long[] offsets = {0, block, 4096 - block, 65_536 - block, MIB - block, 5 * MIB + block};
                for (int length : lengths) {
                    for (long offset : offsets) {
                        disk.writePattern(offset, length, ++salt);
                        disk.expectPattern(offset, length, salt);
                    }
                }
                disk.writePattern(SIZE - block, block, ++salt);
                disk.expectPattern(SIZE - block, block, salt);
                assertThat(disk.read(SIZE, block)).as("behind the end").isZero();
                assertThat(Errno.of(disk.write(SIZE, block))).isEqualTo(Errno.ENOSPC);
                if (block > 512) {
                    assertThat(Errno.of(disk.read(512, 512))).isEqualTo(Errno.EINVAL);
                }
            }
        }
    }

    /** go-ublk 3: large I/O ran over the buffers of neighbouring tags, which only shows with many tags in flight. */
    @Test
    void manyLargeRequestsAtOnceDoNotTouchEachOther() throws Exception {
        int threads = 6;
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(threads * 4L * MIB))
                .queueDepth(16)
                .create()) {
            device.start();
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long base = t * 4L * MIB;
                int salt = t;
                all.add(pool.submit(() -> {
                    try (DirectDisk disk = new DirectDisk(device.path())) {
                        for (int round = 0; round < 4; round++) {
                            disk.writePattern(base, 4 * MIB, 100 * salt + round);
                            disk.expectPattern(base, 4 * MIB, 100 * salt + round);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(90, TimeUnit.SECONDS);
            }
            pool.shutdown();
            assertThat(device.metrics().operation(Operation.WRITE).bytes()).isEqualTo(threads * 16L * MIB);
        }
    }

    @Test
    void requestsReachTheNegotiatedMaximumAndNoMore() throws Exception {
        MockBackend backend = new MockBackend(SIZE);
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            assertThat(device.info().maxIoBytes()).isEqualTo(MIB);
            assertThat(Sysfs.queue(device, "max_hw_sectors_kb")).isEqualTo("1024");
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 3 * MIB, 1);
            }
            assertThat(backend.calls())
                    .filteredOn(call -> call.operation() == Operation.WRITE)
                    .allMatch(call -> call.lengthBytes() <= MIB)
                    .anyMatch(call -> call.lengthBytes() == MIB);
        }
    }

    @Test
    void discardAndWriteZeroesReachTheBackendAndReadAsZeroes() throws Exception {
        MockBackend backend = new MockBackend(SIZE);
        try (UblkDevice device = UblkDevice.builder(backend).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 2 * MIB, 1);
                assertThat(disk.discard(MIB / 2, MIB)).isZero();
                disk.expectPattern(0, MIB / 2, 1);
                disk.expectZeroes(MIB / 2, MIB);
                assertThat(disk.zeroOut(512, 1024)).isZero();
                disk.expectPattern(0, 512, 1);
                disk.expectZeroes(512, 1024);
                disk.expectPattern(1536, 512, 1);
                assertThat(disk.zeroOut(0, SIZE)).isZero();
                disk.expectZeroes(SIZE - MIB, MIB);
            }
            assertThat(backend.calls())
                    .contains(new MockBackend.Call(Operation.DISCARD, MIB / 2, MIB, false))
                    .contains(new MockBackend.Call(Operation.WRITE_ZEROES, 512, 1024, false))
                    .contains(new MockBackend.Call(Operation.WRITE_ZEROES, 0, SIZE, false));
        }
    }

    @Test
    void syncSendsFlushOnlyIfThereIsAVolatileCache() throws Exception {
        for (boolean cache : new boolean[] {true, false}) {
            MockBackend backend = new MockBackend(SIZE);
            try (UblkDevice device =
                    UblkDevice.builder(backend).volatileCache(cache).create()) {
                device.start();
                assertThat(Sysfs.queue(device, "write_cache")).isEqualTo(cache ? "write back" : "write through");
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    disk.writePattern(0, 4096, 1);
                    assertThat(disk.sync()).isZero();
                }
            }
            assertThat(backend.count(Operation.FLUSH) > 0).isEqualTo(cache);
        }
    }

    @Test
    void synchronousWriteIsOneFuaWriteOrAWriteAndAFlush() throws Exception {
        int oDsync = 0x1000;
        for (boolean fua : new boolean[] {true, false}) {
            MockBackend backend = new MockBackend(SIZE);
            try (UblkDevice device = UblkDevice.builder(backend).fua(fua).create()) {
                device.start();
                assertThat(Sysfs.queue(device, "fua")).isEqualTo(fua ? "1" : "0");
                try (DirectDisk disk = new DirectDisk(device.path(), LinuxCalls.O_RDWR | oDsync)) {
                    disk.writePattern(8192, 4096, 1);
                }
            }
            assertThat(backend.calls()).contains(new MockBackend.Call(Operation.WRITE, 8192, 4096, fua));
            if (!fua) {
                assertThat(backend.count(Operation.FLUSH)).isPositive();
            }
        }
    }

    /** go-ublk 5: all of these were accepted and then ignored. */
    @Test
    void kernelShowsTheParamsThatWereAskedFor() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                .rotational(true)
                .readOnly(true)
                .discard(false)
                .writeZeroes(false)
                .volatileCache(false)
                .maxIoBytes(MIB / 2)
                .create()) {
            device.start();
            assertThat(Sysfs.text(device, "ro")).isEqualTo("1");
            assertThat(Sysfs.text(device, "size")).isEqualTo("" + SIZE / 512);
            assertThat(Sysfs.queue(device, "rotational")).isEqualTo("1");
            assertThat(Sysfs.queue(device, "discard_max_bytes")).isEqualTo("0");
            assertThat(Sysfs.queue(device, "write_zeroes_max_bytes")).isEqualTo("0");
            assertThat(Sysfs.queue(device, "write_cache")).isEqualTo("write through");
            assertThat(Sysfs.queue(device, "fua")).isEqualTo("0");
            assertThat(Sysfs.queue(device, "max_hw_sectors_kb")).isEqualTo("512");
            int refused = LinuxCalls.open(device.path().toString(), LinuxCalls.O_RDWR);
            if (refused >= 0) {
                // Newer kernels let a read-only disk be opened for writing and refuse the write.
                LinuxCalls.close(refused);
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    assertThat(Errno.of(disk.write(0, 4096))).isEqualTo(Errno.EPERM);
                }
            } else {
                assertThat(Errno.of(refused)).isIn(Errno.EROFS, Errno.EACCES);
            }
        }
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            device.start();
            assertThat(Sysfs.text(device, "ro")).isEqualTo("0");
            assertThat(Sysfs.queue(device, "rotational")).isEqualTo("0");
            assertThat(Sysfs.queue(device, "discard_max_bytes")).isEqualTo("" + (1L << 30));
            assertThat(Sysfs.queue(device, "write_zeroes_max_bytes")).isEqualTo("" + (1L << 30));
            assertThat(Sysfs.queue(device, "discard_granularity"))
                    .as("raised by the block layer to the physical block")
                    .isEqualTo("4096");
            assertThat(Sysfs.queue(device, "physical_block_size")).isEqualTo("4096");
        }
    }

    @Test
    void deepestQueueWorksToItsLastTag() throws Exception {
        try (UblkDevice device =
                UblkDevice.builder(new MemoryBackend(SIZE)).queueDepth(4096).create()) {
            device.start();
            assertThat(device.info().queueDepth()).isEqualTo(4096);
            Fio.verify(device.path(), 1, 256, 2);
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(0, 3 * MIB, 9);
                disk.expectPattern(0, 3 * MIB, 9);
            }
        }
    }

    @Test
    void shallowestQueueWorks() throws Exception {
        try (UblkDevice device =
                UblkDevice.builder(new MemoryBackend(SIZE)).queueDepth(1).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(512, 3 * MIB, 9);
                disk.expectPattern(512, 3 * MIB, 9);
            }
        }
    }
}
