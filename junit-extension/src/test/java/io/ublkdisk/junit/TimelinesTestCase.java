package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.Times.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests whose disks have scripts with moments; each is run by {@link TimelinesIT}, which knows how it must end. */
class TimelinesTestCase {
    static final String BAD_AT_MARK = "at mark \"loaded\" rule bad: on read sectors 16..23 fail MEDIUM";

    static class Passing {
        @Test
        void aRuleIsArmedAtAMark(@UblkDisk(size = "1MiB", faults = BAD_AT_MARK) Disk disk) throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(16 * 512, 512);
                assertThatThrownBy(() -> disk.faults().verify("bad").fired())
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("at mark \"loaded\"");
                assertThat(disk.mark("laoded")).isZero();
                assertThat(disk.mark("loaded")).isEqualTo(1);
                assertThatThrownBy(() -> device.read(16 * 512, 512)).hasMessageContaining("ENODATA");
            }
            disk.faults().verify("bad").fired(times(1));
        }

        @Test
        void aWholeTimelineFromAResource(
                @UblkDisk(
                                size = "1MiB",
                                faults = {"classpath:faults/timeline.fault", "on flush note"})
                        Disk disk)
                throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.write(0, new byte[512]);
                device.flush();
                assertThatThrownBy(() -> device.write(0, new byte[512])).hasMessageContaining("EIO");
                disk.mark("healthy");
                device.write(0, new byte[512]);
            }
            disk.faults().verify("third").fired(times(1));
            disk.faults().verify("late").awaitFired(Duration.ofMillis(1)); // though a step has cleared it
        }

        @Test
        void aScriptForADiskThatRuns(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk) throws IOException {
            assertThat(disk.faults().script("seed 7\nrule now: on flush note\nat flush 2 rule then: on flush note"))
                    .containsExactly("now");
            assertThatThrownBy(() -> disk.faults().script("rule now: on read note"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("now");
            assertThatThrownBy(() -> disk.faults().script("file:no-such.fault"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("looked in");
            try (FileChannel file =
                    FileChannel.open(disk.path("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (int i = 0; i < 3; i++) {
                    file.write(ByteBuffer.wrap(new byte[4096]));
                    file.force(true);
                }
            }
            disk.faults().verify("then").fired();
        }

        @Test
        void aStepThatNeedNotCome(@UblkDisk(size = "1MiB", faults = BAD_AT_MARK) Disk disk) {
            disk.faults().lenient("bad");
        }

        @Test
        void aStepVerifiedNotToHaveCome(@UblkDisk(size = "1MiB", faults = BAD_AT_MARK) Disk disk) {
            disk.faults().verify("bad").neverFired();
        }

        @Test
        void aLenientDisk(
                @UblkDisk(size = "1MiB", lenient = true, faults = "at mark \"x\" power-cut keep all") Disk disk) {}
    }

    static class Failing {
        @Test
        void theMomentNeverCame(@UblkDisk(size = "1MiB", faults = BAD_AT_MARK) Disk disk) {
            disk.mark("laoded");
        }

        @Test
        void theMomentCameAndTheRuleNeverFired(@UblkDisk(size = "1MiB", faults = BAD_AT_MARK) Disk disk) {
            disk.mark("loaded");
        }

        @Test
        void aCommandWithoutARule(@UblkDisk(size = "1MiB", faults = "at mark \"x\" power-cut keep all") Disk disk) {}

        @Test
        void aRuleThatAStepCleared(
                @UblkDisk(size = "1MiB", faults = "rule idle: on discard note\nat mark \"x\" clear idle") Disk disk) {
            disk.mark("x");
        }

        @Test
        void aStepThatCouldNotBeDone(
                @UblkDisk(size = "1MiB", faults = "at mark \"x\" power-cut\nat mark \"y\" power-cut") Disk disk) {
            disk.mark("x");
            disk.mark("y");
        }
    }
}
