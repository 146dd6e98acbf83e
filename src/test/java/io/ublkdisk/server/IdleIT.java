package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that nobody uses costs no processor time, whatever is armed on it: the kernel's counts of its threads stand still. */
@Timeout(120)
class IdleIT {
    private static final Duration LOOK = Duration.ofSeconds(2);

    @Test
    void theThreadsOfIdleDisksAreNeverWoken() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            DiskSpec spec = DiskSpec.builder()
                    .size("16MiB")
                    .queues(2)
                    .script("rule slow: on read delay 10ms\nrule held: on write sectors 0..7 delay 20ms\n"
                            + "after 3000s rule late: on read fail IO")
                    .build();
            for (int i = 0; i < 3; i++) {
                use(server.connection().create(spec));
            }
            // The last answers are on their way, and the JIT works for a while.
            TimeLimitedTask.until(
                    Duration.ofSeconds(20), () -> woken(server.pid()).isEmpty());

            Map<String, Long> woken = woken(server.pid());

            assertThat(queueThreads(server.pid())).isGreaterThanOrEqualTo(3);
            assertThat(woken).as("switches of queue threads in %s", LOOK).isEmpty();
        }
    }

    private static void use(RemoteDisk disk) throws IOException {
        try (FileChannel channel = FileChannel.open(disk.device(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 16; i++) {
                channel.write(ByteBuffer.allocate(4096), i * 4096L);
            }
            channel.force(true);
            channel.read(ByteBuffer.allocate(4096), 1 << 20);
        }
    }

    private static long queueThreads(long server) {
        return switches(server).size();
    }

    /** Which queue threads did anything while we looked, and how often they were switched to. */
    private static Map<String, Long> woken(long server) {
        Map<String, Long> before = switches(server);
        long end = System.nanoTime() + LOOK.toNanos();
        for (long left = LOOK.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        Map<String, Long> woken = switches(server);
        woken.replaceAll((thread, count) -> count - before.getOrDefault(thread, 0L));
        woken.values().removeIf(count -> count == 0);
        return woken;
    }

    /** Of each queue thread, how often the kernel has switched to it: {@code /proc/PID/task/TID/status}. */
    private static Map<String, Long> switches(long server) {
        Map<String, Long> switches = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + server + "/task"))) {
            for (Path task : tasks.toList()) {
                String status = Files.readString(task.resolve("status"));
                if (status.matches("(?s)Name:\\s+ublk-[0-9]+-queue.*")) {
                    long count = status.lines()
                            .filter(line -> line.contains("ctxt_switches"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .sum();
                    switches.put(task.getFileName().toString(), count);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return switches;
    }
}
