package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Tests that write the same places of their own disks while the others do so too. */
class ParallelTestCase {
    static final int TESTS = 12;
    private static final CountDownLatch SECOND = new CountDownLatch(2);
    private static final AtomicInteger IN_USE = new AtomicInteger();
    private static final AtomicInteger MOST = new AtomicInteger();

    @UblkDisk(size = "1MiB")
    Disk raw;

    static int mostAtOnce() {
        return MOST.get();
    }

    @RepeatedTest(TESTS)
    void writesAndReadsItsOwn(RepetitionInfo repetition, @UblkDisk(size = "16MiB", mount = EXT4) Disk mounted)
            throws IOException, InterruptedException {
        MOST.accumulateAndGet(IN_USE.incrementAndGet(), Math::max);
        SECOND.countDown();
        assertThat(SECOND.await(60, TimeUnit.SECONDS))
                .as("a second test runs meanwhile")
                .isTrue();
        int seed = repetition.getCurrentRepetition();
        byte[] data = Bytes.of(seed, 256 * 1024);
        try (RawDevice device = new RawDevice(raw.device())) {
            assertThat(device.read(0, 512)).containsOnly(0);
            device.write(0, data);
            Files.write(mounted.path("file"), data);
            mounted.remount();
            assertThat(Bytes.md5(device.read(0, data.length))).isEqualTo(Bytes.md5(data));
        }
        assertThat(Bytes.md5(mounted.path("file"))).isEqualTo(Bytes.md5(data));
        IN_USE.decrementAndGet();
    }
}
