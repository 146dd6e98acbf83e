package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.backend.MockBackend;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.ublk.DeviceInfo.KernelState;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LifecycleIT {
    private static final int SIZE = 8 << 20;

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(UblkControl.deviceIds()).isEmpty();
        assertThat(ControlCommand.givenUp()).isZero();
    }

    @Test
    void driverIsThereAndSaysWhatItCanDo() throws Exception {
        assertThat(UblkControl.probe()).isEmpty();
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            assertThat(control.features()).contains(UblkFeature.USER_RECOVERY, UblkFeature.CMD_IOCTL_ENCODE);
        }
    }

    @Test
    void goesThroughItsLifeAndEachStepTwice() throws Exception {
        MockBackend backend = new MockBackend(SIZE);
        UblkDevice device = UblkDevice.builder(backend).create();
        assertThat(device.state()).isEqualTo(DeviceState.CREATED);
        assertThat(device.info().kernelState()).isEqualTo(KernelState.DEAD);
        device.start();
        device.start();
        assertThat(device.isRunning()).isTrue();
        assertThat(device.info().kernelState()).isEqualTo(KernelState.LIVE);
        assertThat(device.info().serverPid())
                .isEqualTo((int) ProcessHandle.current().pid());
        assertThat(device.path()).exists();
        device.stop();
        device.stop();
        assertThat(device.state()).isEqualTo(DeviceState.STOPPED);
        assertThat(device.path()).doesNotExist();
        assertThat(Sysfs.queueThreads(device)).isEmpty();
        device.delete();
        device.delete();
        assertThat(device.state()).isEqualTo(DeviceState.DELETED);
        assertThat(backend.isClosed()).isFalse();
        device.close();
        device.close();
        assertThat(backend.isClosed()).isTrue();
        assertThatThrownBy(device::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void paramsComeBackAsTheyWereSet() throws Exception {
        UblkDeviceBuilder settings = UblkDevice.builder(new MemoryBackend(SIZE)).rotational(true);
        try (UblkDevice device = settings.create()) {
            assertThat(device.params()).isEqualTo(settings.params());
        }
    }

    /** go-ublk 4: a descriptor is left open, so a second start meets EBUSY. go-ublk 10: so are the ring's mappings. */
    @Test
    void startsAgainAfterStopAndLeavesNoDescriptorAndNoMapping() throws Exception {
        try (UblkDevice warmUp = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            warmUp.start();
        }
        long descriptors = Sysfs.openDescriptors();
        long rings = Sysfs.mappings("[io_uring]");
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            int id = device.id();
            for (int round = 0; round < 3; round++) {
                device.start();
                assertThat(device.id()).isEqualTo(id);
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    if (round > 0) {
                        disk.expectPattern(4096L * round, 4096, round - 1);
                    }
                    disk.writePattern(4096L * (round + 1), 4096, round);
                }
                device.stop();
            }
            assertThat(Sysfs.mappings("ublkc")).isZero();
        }
        assertThat(Sysfs.openDescriptors()).isEqualTo(descriptors);
        assertThat(Sysfs.mappings("[io_uring]")).isEqualTo(rings);
    }

    /** go-ublk 9: sleeps around start and stop; start has to mean that the device serves. */
    @Test
    void servesFromTheMomentThatStartReturns() throws Exception {
        for (int i = 0; i < 10; i++) {
            try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
                device.start();
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    disk.expectZeroes(SIZE - 4096, 4096);
                }
            }
        }
    }

    /** go-ublk 8: a feature that was asked for by mistake ended the queue. We ask for none that changes the protocol. */
    @Test
    void asksForNoFeatureThatItDoesNotSpeak() throws Exception {
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
            long flags = device.info().flags();
            for (UblkFeature feature : new UblkFeature[] {
                UblkFeature.NEED_GET_DATA, UblkFeature.USER_COPY, UblkFeature.SUPPORT_ZERO_COPY, UblkFeature.BATCH_IO
            }) {
                assertThat(flags & feature.bit()).as(feature.name()).isZero();
            }
        }
    }

    @Test
    void idThatIsTakenIsRefusedWithTheRemedy() throws Exception {
        try (UblkDevice device =
                UblkDevice.builder(new MemoryBackend(SIZE)).id(7).create()) {
            assertThat(device.id()).isEqualTo(7);
            assertThatThrownBy(() ->
                            UblkDevice.builder(new MemoryBackend(SIZE)).id(7).create())
                    .isInstanceOfSatisfying(UblkException.class, e -> {
                        assertThat(e.errno()).isEqualTo(Errno.EEXIST);
                        assertThat(e.operation()).contains("ADD_DEV").contains("7");
                        assertThat(e.remedy()).contains("another id");
                    });
        }
    }

    @Test
    void refusedCommandSaysWhatToDo() throws Exception {
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            assertThatThrownBy(() -> control.info(99))
                    .isInstanceOf(UblkException.class)
                    .hasMessage(
                            "GET_DEV_INFO of ublk device 99: ENODEV (No such device). There is no ublk device with that"
                                    + " id.");
        }
    }

    @Test
    void stopFromOutsideIsNoticedAndTheDeviceStartsAgain() throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        DeviceListener listener = new DeviceListener() {
            @Override
            public void stoppedFromOutside() {
                stopped.countDown();
            }
        };
        try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                        .listener(listener)
                        .create();
                UblkControl control = UblkControl.open(Duration.ofSeconds(20))) {
            device.start();
            control.stop(device.id());
            assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(device.state()).isEqualTo(DeviceState.STOPPED);
            device.start();
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.expectZeroes(0, 4096);
            }
        }
    }

    @Test
    void deleteOfADeviceThatSomebodyHasOpenIsBoundedAndCanBeRepeated() throws Exception {
        UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE))
                .controlTimeout(Duration.ofSeconds(2))
                .create();
        device.start();
        try (DirectDisk disk = new DirectDisk(device.path())) {
            assertThatThrownBy(device::delete)
                    .isInstanceOfSatisfying(
                            UblkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIME))
                    .hasMessageContaining("unmount it");
            assertThat(disk.read(0, 4096)).isLessThanOrEqualTo(0);
        }
        device.close();
        assertThat(device.state()).isEqualTo(DeviceState.DELETED);
    }

    @Test
    void lifeIsInTheFlightRecording(@TempDir java.nio.file.Path folder) throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable("io.ublkdisk.Device");
            recording.start();
            try (UblkDevice device = UblkDevice.builder(new MemoryBackend(SIZE)).create()) {
                device.start();
            }
            recording.stop();
            recording.dump(folder.resolve("life.jfr"));
        }
        assertThat(Files.size(folder.resolve("life.jfr"))).isPositive();
        assertThat(RecordingFile.readAllEvents(folder.resolve("life.jfr")))
                .extracting((RecordedEvent event) -> event.getString("step"))
                .containsExactly("create", "start", "stop", "delete");
    }
}
