package io.ublkdisk.disk;

import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a request costs, as far as a test can say it on any machine: it allocates nothing. */
class DriveCostTest {
    private static final int REQUESTS = 50_000;

    @Test
    void allocatesNothingPerRequest() {
        try (Drive drive = Drive.builder().sizeBytes(8 << 20).build()) {
            assertThat(bytesAllocated(drive)).isZero();
        }
    }

    @Test
    void allocatesNothingPerRequestWithoutAVolatileCache() {
        try (Drive drive =
                Drive.builder().sizeBytes(8 << 20).volatileCache(false).build()) {
            assertThat(bytesAllocated(drive)).isZero();
        }
    }

    @Test
    void allocatesNothingPerRequestWithRulesThatDoNotMatch() {
        try (Drive drive = Drive.builder().sizeBytes(8 << 20).build()) {
            drive.rules().add(Rule.on(Kind.READ).sectors(16_000, 16_007).effect(flip(1)));
            drive.rules().add(Rule.on(Kind.FUA).effect(delay(Duration.ofSeconds(1))));
            assertThat(bytesAllocated(drive)).isZero();
        }
    }

    /** In the best of some rounds: what a path allocates on its first use, the JVM's linkage above all, is over by then. */
    private static long bytesAllocated(Drive drive) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Host host = new Host(drive);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 6 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            send(host, REQUESTS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static void send(Host host, int requests) {
        for (int i = 0; i < requests; i++) {
            long sector = i * 72L % 15_000;
            switch (i % 32) {
                case 0 -> host.send(Operation.FLUSH, 0, 0, 0);
                case 1 -> host.send(Operation.DISCARD, 0, sector, 16);
                case 2, 3 -> host.send(Operation.WRITE, 0, sector + 3, 16);
                default -> host.send(i % 2 == 0 ? Operation.WRITE : Operation.READ, 0, sector & ~7, 8);
            }
        }
    }
}
