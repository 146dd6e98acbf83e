package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.FileBackend;
import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.MockBackend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.ublk.DeviceInfo.KernelState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can be done to a device while it is in use: handed over, made larger, stopped if nobody minds. */
@Timeout(120)
class QuiesceIT {
    private static final int SIZE = 8 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    @Test
    void isHandedOverUnderLoadAndNobodyNotices(@TempDir Path folder) throws Exception {
        Needs.features(Set.of(UblkFeature.QUIESCE));
        Path file = folder.resolve("disk");
        UblkDevice device = UblkDevice.builder(FileBackend.create(file, 16 << 20))
                .queues(2)
                .queueDepth(8)
                .recovery(Recovery.USER_RECOVERY)
                .create();
        device.start();
        CompletableFuture<Integer> fio = RecoveryIT.begin(() -> {
            Fio.verify(device.path(), 2, 8, 8);
            return 0;
        });
        UblkDevice serving = device;
        for (int i = 0; i < 5 && !fio.isDone(); i++) {
            Thread.sleep(300);
            serving.quiesce();
            assertThat(serving.state()).isEqualTo(DeviceState.QUIESCED);
            assertThat(serving.info().kernelState()).isEqualTo(KernelState.QUIESCED);
            assertThat(Sysfs.queueThreads(serving)).isEmpty();
            serving.close();
            serving = UblkDevice.builder(FileBackend.open(file)).id(device.id()).recover();
        }
        assertThat(RecoveryIT.ends(fio)).isZero();
        serving.close();
    }

    @Test
    void requestsInFlightEndFirstAndTheSameServerGoesOn() throws Exception {
        Needs.features(Set.of(UblkFeature.QUIESCE));
        MockBackend backend = new MockBackend(SIZE);
        try (UblkDevice device = UblkDevice.builder(backend)
                .queueDepth(4)
                .recovery(Recovery.USER_RECOVERY)
                .create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path());
                    DirectDisk other = new DirectDisk(device.path())) {
                backend.hold(Operation.WRITE);
                CompletableFuture<Integer> write = RecoveryIT.begin(() -> disk.write(0, 4096));
                assertThat(backend.awaitCount(Operation.WRITE, 1, Duration.ofSeconds(10)))
                        .isTrue();
                CompletableFuture<Integer> quiesced = RecoveryIT.begin(() -> {
                    device.quiesce();
                    return 0;
                });
                RecoveryIT.waits(quiesced);
                backend.release();
                assertThat(RecoveryIT.ends(quiesced)).isZero();
                assertThat(RecoveryIT.ends(write)).isEqualTo(4096);
                CompletableFuture<Integer> read = RecoveryIT.begin(() -> other.read(0, 4096));
                RecoveryIT.waits(read);
                device.start();
                assertThat(RecoveryIT.ends(read)).isEqualTo(4096);
            }
        }
    }

    @Test
    void requestsThatTheBackendDoesNotLetGoAreFailed() throws Exception {
        Needs.features(Set.of(UblkFeature.QUIESCE));
        MockBackend backend = new MockBackend(SIZE).hold(Operation.WRITE);
        try (UblkDevice device = UblkDevice.builder(backend)
                .queueDepth(4)
                .drainTimeout(Duration.ofSeconds(1))
                .recovery(Recovery.USER_RECOVERY)
                .create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                CompletableFuture<Integer> write = RecoveryIT.begin(() -> disk.write(0, 4096));
                assertThat(backend.awaitCount(Operation.WRITE, 1, Duration.ofSeconds(10)))
                        .isTrue();
                device.quiesce();
                assertThat(RecoveryIT.ends(write)).isNegative();
                backend.release();
                device.start();
                assertThat(disk.write(0, 4096)).isEqualTo(4096);
            }
        }
    }

    @Test
    void growsAndShrinksUnderAnOpener() throws Exception {
        Needs.features(Set.of(UblkFeature.UPDATE_SIZE));
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(2 * SIZE)).create()) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                device.resize(SIZE);
                assertThat(Sysfs.text(device, "size")).isEqualTo(Integer.toString(SIZE / 512));
                assertThat(disk.write(SIZE, 4096)).isNotPositive();
                disk.writePattern(SIZE - 4096, 4096, 1);
                device.resize(2 * SIZE);
                assertThat(device.params().sizeBytes()).isEqualTo(2 * SIZE);
                disk.writePattern(SIZE, 4096, 2);
                disk.expectPattern(SIZE - 4096, 4096, 1);
                disk.expectPattern(SIZE, 4096, 2);
            }
            assertThatThrownBy(() -> device.resize(1000))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1000");
        }
    }

    @Test
    void stopsOnlyIfNobodyHasItOpen() throws Exception {
        Needs.features(Set.of(UblkFeature.SAFE_STOP_DEV));
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create();
                UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                assertThat(device.tryStop()).isFalse();
                assertThat(control.tryStop(device.id())).isFalse();
                assertThat(device.isRunning()).isTrue();
                disk.writePattern(0, 4096, 1);
                disk.expectPattern(0, 4096, 1);
            }
            // A partition scan may still have it open for a moment.
            for (int i = 0; i < 100 && !device.tryStop(); i++) {
                Thread.sleep(20);
            }
            assertThat(device.state()).isEqualTo(DeviceState.STOPPED);
        }
    }

    @Test
    void whatThisKernelCannotIsRefusedAndTheDeviceGoesOn() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create();
                UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            device.start();
            refusedWithout(control, UblkFeature.UPDATE_SIZE, "6.16", () -> device.resize(SIZE / 2));
            refusedWithout(control, UblkFeature.SAFE_STOP_DEV, "7.0", device::tryStop);
            refusedWithout(control, UblkFeature.SAFE_STOP_DEV, "7.0", () -> control.tryStop(device.id()));
            refusedWithout(control, UblkFeature.UPDATE_SIZE, "6.16", () -> control.resize(device.id(), SIZE / 2));
            // Not even a new kernel can quiesce a device that was made without recovery.
            assertThatThrownBy(device::quiesce)
                    .isInstanceOfSatisfying(
                            UblkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP))
                    .hasMessageContaining("made with recovery");
            assertThatThrownBy(() -> control.quiesce(device.id(), Duration.ofSeconds(1)))
                    .isInstanceOf(UblkException.class)
                    .hasMessageContaining("6.16");
            assertThat(device.isRunning()).isTrue();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.expectZeroes(0, 4096);
            }
        }
    }

    private interface Call {
        void run() throws UblkException;
    }

    private static void refusedWithout(UblkControl control, UblkFeature feature, String since, Call call)
            throws UblkException {
        if (!control.features().contains(feature)) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            UblkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP))
                    .hasMessageContaining(feature.name())
                    .hasMessageContaining(since);
        }
    }
}
