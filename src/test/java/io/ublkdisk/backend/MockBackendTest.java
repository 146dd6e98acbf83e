package io.ublkdisk.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class MockBackendTest {
    private final MockBackend backend = new MockBackend(1 << 16);
    private final RequestDriver driver = new RequestDriver(backend);

    @Test
    void remembersEveryCall() throws Exception {
        driver.write(512, new byte[1024], Request.FUA);
        driver.flush();
        assertThat(backend.calls())
                .containsExactly(
                        new MockBackend.Call(Operation.WRITE, 512, 1024, true),
                        new MockBackend.Call(Operation.FLUSH, 0, 0, false));
    }

    @Test
    void failsAsOftenAsItWasToldAndLeavesTheBytesAlone() throws Exception {
        backend.fail(Operation.WRITE, BlockStatus.NOSPC, 2);
        byte[] ones = {1, 1, 1, 1};
        byte[] sector = java.util.Arrays.copyOf(ones, 512);
        assertThat(driver.write(0, sector)).isEqualTo(BlockStatus.NOSPC);
        assertThat(driver.write(0, sector)).isEqualTo(BlockStatus.NOSPC);
        byte[] read = new byte[512];
        assertThat(driver.read(0, read)).isEqualTo(BlockStatus.OK);
        assertThat(read).isEqualTo(new byte[512]);
        assertThat(driver.write(0, sector)).isEqualTo(BlockStatus.OK);
    }

    @Test
    void delaysWithoutASleep() throws Exception {
        backend.delay(Operation.FLUSH, Duration.ofMillis(60));
        long begin = Clock.nanos();
        assertThat(driver.flush()).isEqualTo(BlockStatus.OK);
        assertThat(Clock.nanos() - begin).isGreaterThanOrEqualTo(60_000_000);
    }

    @Test
    void holdsUntilReleased() throws Exception {
        backend.hold(Operation.WRITE);
        CompletableFuture<BlockStatus> write = CompletableFuture.supplyAsync(() -> {
            try {
                return driver.write(0, new byte[512]);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(backend.awaitCount(Operation.WRITE, 1, Duration.ofSeconds(10)))
                .isTrue();
        assertThat(backend.held()).isEqualTo(1);
        assertThat(write).isNotDone();
        assertThat(backend.release()).isEqualTo(1);
        assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo(BlockStatus.OK);
    }

    @Test
    void heldForeverIsATimeOutAndNotAHang() {
        backend.hold(Operation.FLUSH);
        RequestDriver impatient = new RequestDriver(backend, Duration.ofMillis(50));
        assertThatThrownBy(impatient::flush).isInstanceOf(TimeoutException.class);
    }

    @Test
    void waitForACallThatNeverComesEnds() throws Exception {
        assertThat(backend.awaitCount(Operation.READ, 1, Duration.ofMillis(20))).isFalse();
    }
}
