package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.ublk.UblkControl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Disks that are made before they are asked for, and that go after their client has gone on. The kernel's own numbers say which is which. */
@Timeout(120)
class PreparedDiskIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    private static ServerConnection server;

    @BeforeAll
    static void start() throws DiskException {
        server = ServerProcess.shared().connection();
    }

    @AfterEach
    void nothingIsLeft() throws DiskException {
        server.settle();
        assertThat(Left.everything()).isEmpty();
    }

    @Test
    void theNextOneLikeItIsThereAlready() throws IOException {
        DiskSpec spec = ext4().script("rule all: on write fail IO").build();
        long prepared = prepare(server, spec);
        assertThat(server.disks()).as("nobody's").isEmpty();
        assertThat(Left.everything()).as("not mounted").noneMatch(line -> line.startsWith("mount"));

        RemoteDisk disk = server.create(spec);

        assertThat(sequence(disk)).isEqualTo(prepared);
        assertThat(disk.rules().reports().get(0).fired()).isZero();
        assertThat(server.disks()).hasSize(1);
        Path file = disk.mountPoint().orElseThrow().resolve("file");
        disk.rules().clear();
        Files.writeString(file, "written");
        disk.remount();
        assertThat(file).hasContent("written");
        RemoteDisk another = server.create(spec);
        assertThat(sequence(another)).isGreaterThan(prepared);
        assertThat(another.mountPoint().orElseThrow().resolve("file")).doesNotExist();
        assertThat(another.delete()).isEmpty();
        assertThat(disk.delete()).isEmpty();
    }

    @Test
    void oneThatIsNotLikeItIsMadeAsEver() throws IOException {
        long prepared = prepare(server, ext4().build());
        for (DiskSpec.Builder other :
                new DiskSpec.Builder[] {ext4().size("65MiB"), ext4().seed(1), ext4().mounted(false)}) {
            RemoteDisk disk = server.create(other.build());
            assertThat(sequence(disk)).isGreaterThan(prepared);
            disk.delete();
        }
        assertThat(sequences()).containsExactly(prepared);
        RemoteDisk disk = server.create(ext4().build());
        assertThat(sequence(disk)).isEqualTo(prepared);
        disk.delete();
    }

    @Test
    void itGoesWithItsConnectionAndWhenItIsNotWanted() throws IOException {
        prepare(server, ext4().build());
        server.settle();
        assertThat(sequences()).isEmpty();
        try (ServerConnection second = ServerConnection.open(server.socket())) {
            prepare(second, ext4().build());
        }
        assertThat(Left.after(SOON)).isEmpty();
    }

    @Test
    void thereAreFourAtMostAndTheOldestGoes() throws IOException {
        long oldest = prepare(server, raw(1));
        for (int i = 2; i <= 4; i++) {
            prepare(server, raw(i));
        }
        assertThat(sequences()).hasSize(4).contains(oldest);
        prepare(server, raw(5));
        assertThat(TimeLimitedTask.until(SOON, () -> sequences().size() == 4)).isTrue();
        assertThat(sequences()).doesNotContain(oldest);
    }

    @Test
    void whoseDeviceIsTakenAwayIsNotGiven() throws IOException {
        long prepared = prepare(server, ext4().build());
        try (UblkControl control = UblkControl.open(SOON)) {
            control.delete(id(prepared));
        }
        RemoteDisk disk = server.create(ext4().build());
        assertThat(sequence(disk)).isGreaterThan(prepared);
        assertThat(Files.isDirectory(disk.mountPoint().orElseThrow())).isTrue();
        disk.delete();
    }

    @Test
    void whatIsWrongWithItIsToldToWhoAsks() throws IOException {
        for (DiskSpec.Builder spec : new DiskSpec.Builder[] {
            ext4().name("db"),
            ext4().mountPoint(Path.of("/mnt")),
            DiskSpec.builder().file(Path.of("/tmp/x"))
        }) {
            assertThatThrownBy(() -> server.prepare(spec.build()))
                    .hasMessageContaining("there can be only one such disk");
        }
        DiskSpec never = ext4().mkfsOptions("-N many").build();
        server.prepare(never);
        assertThatThrownBy(() -> server.create(never))
                .hasMessageContaining("mkfs.ext4")
                .hasMessageContaining("many");
    }

    @Test
    void oneThatIsRetiredIsOffAtOnceAndGoneWhenItsOwnerHangsUp() throws IOException {
        try (ServerConnection owner = ServerConnection.open(server.socket())) {
            RemoteDisk disk = owner.create(ext4().build());
            Path where = disk.mountPoint().orElseThrow();
            disk.rules().add("rule slow: on write delay 3600s");
            Files.writeString(where.resolve("file"), "x");
            assertThat(ask("retire " + disk.name())).isEqualTo("ok");
            assertThat(Left.everything()).noneMatch(line -> line.startsWith("mount"));
            assertThat(where).doesNotExist();
            assertThat(server.disks()).isEmpty();
            assertThat(disk.device()).exists();
        }
        assertThat(Left.after(SOON)).isEmpty();
    }

    @Test
    void whoRetiresOneHasNothingMoreToDo() throws IOException {
        RemoteDisk disk = server.create(ext4().build());
        assertThat(disk.retire()).isEmpty();
        assertThat(Left.after(SOON)).isEmpty();
        assertThat(disk.delete()).isEmpty();
    }

    @Test
    void oneThatIsUsedIsNotRetiredButDeletedAndThatIsSaid() throws IOException {
        RemoteDisk disk = server.create(ext4().build());
        Path file = disk.mountPoint().orElseThrow().resolve("open");
        Files.writeString(file, "x");
        try (InputStream open = Files.newInputStream(file)) {
            assertThat(disk.retire()).singleElement().asString().contains("open " + file);
            assertThat(disk.device()).doesNotExist();
            assertThat(open).isNotNull();
        }
    }

    /** What the server answers to somebody who owns nothing. */
    private static String ask(String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
            channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
            return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)).readLine();
        }
    }

    private static DiskSpec.Builder ext4() {
        return DiskSpec.builder().size("64MiB").fileSystem(FileSystem.EXT4).mounted(true);
    }

    private static DiskSpec raw(int mib) {
        return DiskSpec.builder().size(mib + "MiB").build();
    }

    /** @return its number */
    private static long prepare(ServerConnection server, DiskSpec spec) throws DiskException {
        Set<Long> before = sequences();
        server.prepare(spec);
        AtomicLong found = new AtomicLong();
        assertThat(TimeLimitedTask.until(SOON, () -> {
                    Set<Long> fresh = sequences();
                    fresh.removeAll(before);
                    fresh.forEach(found::set);
                    return !fresh.isEmpty();
                }))
                .isTrue();
        return found.get();
    }

    private static long sequence(RemoteDisk disk) {
        return sequence(disk.device().getFileName().toString());
    }

    private static int id(long sequence) {
        return names().stream()
                .filter(name -> sequence(name) == sequence)
                .map(name -> Integer.parseInt(name.substring("ublkb".length())))
                .findFirst()
                .orElseThrow();
    }

    private static Set<Long> sequences() {
        return names().stream()
                .map(PreparedDiskIT::sequence)
                .filter(sequence -> sequence > 0)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names() {
        try (Stream<Path> all = Files.list(Path.of("/sys/block"))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("ublkb"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kernel gives a number to each disk, and never one twice. */
    private static long sequence(String name) {
        try {
            return Long.parseLong(
                    Files.readString(Path.of("/sys/block", name, "diskseq")).trim());
        } catch (IOException e) {
            return -1; // gone this moment
        }
    }
}
