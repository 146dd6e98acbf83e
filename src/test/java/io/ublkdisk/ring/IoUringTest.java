package io.ublkdisk.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkdisk.block.Clock;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.MappedMemory;
import io.ublkdisk.kernel.Sqe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rings of this machine's kernel. */
class IoUringTest {
    private static final int IORING_OP_NOP = 0;

    @BeforeEach
    void needsIoUring() throws Exception {
        try {
            IoUring.forQueue(1).close();
        } catch (ErrnoException e) {
            boolean forbidden = e.errno() == Errno.ENOSYS || e.errno() == Errno.EPERM;
            assumeTrue(!forbidden, "io_uring is forbidden here: " + e.getMessage());
            throw e;
        } catch (UnsatisfiedLinkError e) {
            assumeTrue(false, "no Linux: " + e.getMessage());
        }
    }

    @Test
    void entriesComeBackInOrderRoundAfterRound() throws Exception {
        try (IoUring ring = IoUring.forQueue(8)) {
            Sqe sqe = new Sqe();
            for (int slot = 0; slot < 8; slot++) {
                sqe.wrap(ring.submissions().sqes(), slot * Sqe.BYTES)
                        .clear()
                        .opcode(IORING_OP_NOP)
                        .userData(slot);
            }
            for (int round = 0; round < 1000; round++) {
                List<Long> back = new ArrayList<>();
                for (int slot = 0; slot < 1 + round % 8; slot++) {
                    ring.submissions().queue(slot);
                }
                assertThat(ring.enter(1 + round % 8, 1_000_000_000)).isEqualTo(1 + round % 8);
                ring.completions().drain((userData, result, flags) -> {
                    assertThat(result).isZero();
                    back.add(userData);
                });
                assertThat(back).hasSize(1 + round % 8).isSorted();
            }
            assertThat(ring.completions().overflow()).isZero();
        }
    }

    @Test
    void waitEndsAtItsTimeLimit() throws Exception {
        try (IoUring ring = IoUring.forQueue(1)) {
            long begin = Clock.nanos();
            assertThat(Errno.of(ring.enter(1, 50_000_000))).isEqualTo(Errno.ETIME);
            assertThat(Clock.nanos() - begin).isBetween(50_000_000L, 5_000_000_000L);
            assertThat(Errno.of(ring.enter(1, 0))).isEqualTo(Errno.ETIME);
            assertThat(ring.enter(0, -1)).isZero();
        }
    }

    @Test
    void writeToAnEventfdEndsTheWait() throws Exception {
        int eventFd = Errno.check(LinuxCalls.eventfd(0, LinuxCalls.EFD_CLOEXEC), "eventfd");
        try (IoUring ring = IoUring.forQueue(1);
                MappedMemory counter = MappedMemory.anonymous(16)) {
            ring.registerFile(eventFd);
            new Sqe()
                    .wrap(ring.submissions().sqes(), 0)
                    .opcode(Sqe.IORING_OP_READ)
                    .flags(Sqe.IOSQE_FIXED_FILE)
                    .fd(0)
                    .addr(counter.address())
                    .len(8)
                    .userData(-1);
            ring.submissions().queue(0);
            assertThat(ring.enter(0, -1)).isEqualTo(1);
            assertThat(ring.completions().isEmpty()).isTrue();
            counter.buffer().putLong(8, 5);
            Thread other = new Thread(() -> LinuxCalls.write(eventFd, counter.address() + 8, 8));
            other.start();
            assertThat(ring.enter(1, 10_000_000_000L)).isZero();
            assertThat(ring.completions()
                            .drain((userData, result, flags) ->
                                    assertThat(result).isEqualTo(8)))
                    .isEqualTo(1);
            assertThat(counter.buffer().getLong(0)).isEqualTo(5);
            other.join(10_000);
        } finally {
            LinuxCalls.close(eventFd);
        }
    }

    /** go-ublk 10: the maps of its rings are never unmapped. */
    @Test
    void closedRingLeavesNoMapping() throws Exception {
        long before = ringMappings();
        IoUring ring = IoUring.forQueue(4096);
        assertThat(ringMappings()).isGreaterThan(before);
        ring.close();
        ring.close();
        assertThat(ringMappings()).isEqualTo(before);
    }

    private static long ringMappings() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("[io_uring]"))
                .count();
    }
}
