package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Create, mount, write, unmount, delete, many times over: nothing must grow. */
@Timeout(1800)
class CyclesIT {
    private static final int WARM_UP = 5;
    private static final int CYCLES = Boolean.getBoolean("ublkdisk.all") ? 200 : 20;
    /** Compiled code and class data go on growing for a while; a leaked 4 MiB a cycle would be 80 in the shorter run. */
    private static final long SLACK_KIB = 40 << 10;

    private record Footprint(long threads, long descriptors, long residentKib) {
        static Footprint of(long pid) throws IOException {
            return new Footprint(count(pid, "task"), count(pid, "fd"), residentKib(pid));
        }

        private static long count(long pid, String folder) throws IOException {
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + "/" + folder))) {
                return entries.count();
            }
        }

        private static long residentKib(long pid) throws IOException {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        }
    }

    @Test
    void leaveNothingBehind() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            run(server, WARM_UP);
            Footprint before = Footprint.of(server.pid());
            Footprint oursBefore = Footprint.of(ProcessHandle.current().pid());
            run(server, CYCLES);
            assertThat(TimeLimitedTask.until(Duration.ofSeconds(10), () -> settled(server, before)))
                    .as("threads and descriptors: %s, then %s", before, Footprint.of(server.pid()))
                    .isTrue();
            Footprint after = Footprint.of(server.pid());
            assertThat(after.residentKib()).isLessThan(before.residentKib() + SLACK_KIB);
            assertThat(Footprint.of(ProcessHandle.current().pid()).descriptors())
                    .as("our descriptors")
                    .isLessThanOrEqualTo(oursBefore.descriptors() + 2);
            assertThat(Left.everything()).isEmpty();
        }
        assertThat(Left.ofServers()).noneMatch(file -> file.contains("ublkb"));
    }

    private static void run(ServerProcess server, int cycles) throws IOException {
        for (int i = 0; i < cycles; i++) {
            RemoteDisk disk = server.connection()
                    .create(DiskSpec.builder()
                            .size("64MiB")
                            .fileSystem(FileSystem.EXT4)
                            .build());
            Files.write(disk.mountPoint().orElseThrow().resolve("file"), new byte[4 << 20]);
            assertThat(disk.unmount()).isEmpty();
            assertThat(disk.delete()).isEmpty();
        }
    }

    private static boolean settled(ServerProcess server, Footprint before) {
        try {
            Footprint now = Footprint.of(server.pid());
            return now.threads() <= before.threads() + 2 && now.descriptors() <= before.descriptors();
        } catch (IOException e) {
            return false;
        }
    }
}
