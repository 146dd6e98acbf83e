package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.mount.MountNamespace;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.DeviceRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code kill -9} of the client, and of the server, in the middle of I/O on a mounted disk. */
@Timeout(300)
class SuddenDeathIT {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int TIMES = Boolean.getBoolean("ublkdisk.all") ? 20 : 3;

    /** A test JVM, as far as the server can tell: has a disk, writes to it, and waits to be killed. */
    static final class Client {
        public static void main(String[] arguments) throws IOException {
            ServerProcess server = ServerProcess.shared();
            RemoteDisk disk = server.connection()
                    .create(DiskSpec.builder()
                            .size("64MiB")
                            .fileSystem(FileSystem.EXT4)
                            .script("rule slow: on write with probability 0.5 delay 20ms")
                            .build());
            System.out.println(server.pid());
            writeForEver(disk);
        }
    }

    @Test
    @Timeout(1800)
    void ofTheClientTakesItsDiskMountAndServerAway() throws Exception {
        Duration longest = Duration.ZERO;
        for (int i = 0; i < TIMES; i++) {
            Duration took = killClient();
            longest = took.compareTo(longest) > 0 ? took : longest;
        }
        System.out.println(
                "kill -9 of a client to nothing left, the longest of " + TIMES + ": " + longest.toMillis() + " ms");
    }

    /** At any moment of their lives; what they leave the next server clears away. */
    @Test
    @Timeout(1800)
    void ofBothIsClearedAwayByTheNextServer() throws Exception {
        Random random = new Random(TIMES);
        for (int i = 0; i < TIMES; i++) {
            Process client = client();
            BufferedReader output = new BufferedReader(new InputStreamReader(client.getInputStream()));
            long server = Long.parseLong(output.readLine());
            TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
            if (random.nextBoolean()) {
                client.destroyForcibly();
            }
            ProcessHandle.of(server).ifPresent(ProcessHandle::destroyForcibly);
            client.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
            assertThat(TimeLimitedTask.until(LIMIT, () -> !DeviceRegistry.isAlive(server)))
                    .isTrue();
            try (ServerProcess next = ServerProcess.start()) {
                assertThat(next.connection().disks()).isEmpty();
                assertThat(Left.after(LIMIT)).isEmpty();
                assertThat(Left.ofServers()).noneMatch(file -> file.contains("ublkb"));
            }
        }
    }

    private static Duration killClient() throws Exception {
        Process client = client();
        try {
            return killed(client);
        } finally {
            client.destroyForcibly();
        }
    }

    private static Process client() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Client.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Duration killed(Process client) throws Exception {
        BufferedReader output = new BufferedReader(new InputStreamReader(client.getInputStream()));
        long server = Long.parseLong(output.readLine());
        assertThat(output.readLine()).isEqualTo("writing");
        assertThat(Left.everything()).anyMatch(l -> l.startsWith("mount ")).hasSizeGreaterThan(3);

        long start = System.nanoTime();
        client.destroyForcibly();
        assertThat(Left.after(LIMIT)).isEmpty();
        assertThat(TimeLimitedTask.until(LIMIT, () -> ProcessHandle.of(server).isEmpty()))
                .as("the server is gone")
                .isTrue();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(took).isLessThan(LIMIT);
        assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Left.ofServers()).noneMatch(file -> file.contains("server-" + server) || file.contains("ublkb"));
        return took;
    }

    @Test
    void ofTheServerIsToldToEveryCallAndHangsNothing() throws Exception {
        Path busy;
        Path stuck;
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk disk = create(server);
            busy = disk.mountPoint().orElseThrow();
            TimeLimitedTask<Object> writer = TimeLimitedTask.start("writer", () -> {
                writeForEver(disk);
                return null;
            });
            assertThat(TimeLimitedTask.until(LIMIT, () -> written(disk) > 20)).isTrue();
            RemoteDisk other = create(server);
            stuck = other.mountPoint().orElseThrow();
            Files.write(stuck.resolve("file"), new byte[1 << 20]);
            other.rules().add("on write delay 3600s");
            TimeLimitedTask<Object> pending = TimeLimitedTask.start("pending", other::unmount);
            assertThat(pending.await(Duration.ofMillis(500))).isFalse();

            long start = System.nanoTime();
            server.kill();
            assertThat(pending.await(LIMIT)).as("the pending call came back").isTrue();
            assertThatThrownBy(pending::result).isInstanceOf(ServerDiedException.class);
            assertThatThrownBy(disk::stats)
                    .isInstanceOf(ServerDiedException.class)
                    .hasMessageContaining("process " + server.pid())
                    .hasMessageContaining("exit status 137 (signal 9)");
            assertThat(writer.await(LIMIT)).as("the writer came back").isTrue();
            assertThatThrownBy(writer::result).isInstanceOf(IOException.class);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            System.out.println("kill -9 of the server to all calls and writers back: " + took.toMillis() + " ms");
            assertThat(took).isLessThan(LIMIT);
        }
        // The mounts are ours: the server's end cannot take them off. The next server clears the rest away.
        MountNamespace own = new MountNamespace(ProcessHandle.current().pid());
        assertThat(own.detaching(busy).await(LIMIT)).isTrue();
        assertThat(own.detaching(stuck).await(LIMIT)).isTrue();
        try (ServerProcess next = ServerProcess.start()) {
            assertThat(next.connection().disks()).isEmpty();
            assertThat(Left.after(LIMIT)).isEmpty();
            assertThat(Left.ofServers()).noneMatch(file -> file.contains("ublkb"));
        }
    }

    private static RemoteDisk create(ServerProcess server) throws IOException {
        return server.connection()
                .create(DiskSpec.builder()
                        .size("64MiB")
                        .fileSystem(FileSystem.EXT4)
                        .build());
    }

    private static long written(RemoteDisk disk) {
        try {
            return disk.stats().writes();
        } catch (IOException e) {
            return 0;
        }
    }

    private static void writeForEver(RemoteDisk disk) throws IOException {
        Path file = disk.mountPoint().orElseThrow().resolve("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; ; i++) {
                channel.write(ByteBuffer.wrap(new byte[65536]), (long) (i % 100) * 65536);
                channel.force(true);
                if (i == 3) {
                    System.out.println("writing");
                    System.out.flush();
                }
            }
        }
    }
}
