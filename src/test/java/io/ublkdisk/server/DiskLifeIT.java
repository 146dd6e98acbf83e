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
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks of a server in its own process, on a real kernel. */
@Timeout(300)
class DiskLifeIT {
    private static ServerConnection server;

    @BeforeAll
    static void start() throws DiskException {
        server = ServerProcess.shared().connection();
    }

    @AfterEach
    void nothingIsLeft() throws DiskException {
        assertThat(server.disks()).isEmpty();
        assertThat(Left.after(Duration.ofSeconds(5))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void whatIsWrittenIsThereAfterARemountAndGoneAfterAReset(FileSystem fs) throws IOException {
        RemoteDisk disk =
                server.create(spec().size("320MiB").fileSystem(fs).name("db").build());
        Path file = disk.mountPoint().orElseThrow().resolve("file");
        Files.writeString(file, "written");
        disk.remount();
        assertThat(file).hasContent("written");
        assertThat(disk.stats().writes()).isPositive();
        disk.rules().add("rule extra: on write fail IO");

        disk.reset();

        assertThat(file).doesNotExist();
        assertThat(disk.rules().reports()).isEmpty();
        Files.writeString(file, "again");
        assertThat(disk.info().mountPoint()).isEqualTo(disk.mountPoint());
        assertThat(disk.delete()).isEmpty();
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void rulesAreInForceAfterTheMountAndCount() throws IOException {
        RemoteDisk disk = server.create(spec().fileSystem(FileSystem.EXT4)
                .script("rule all: on write fail IO\nrule never: on read sectors 0..7 flip 1 bit")
                .seed(7)
                .build());
        assertThat(disk.seed()).isEqualTo(7);
        assertThat(disk.rules().add("on read nth 1000 fail MEDIUM")).isEqualTo("rule-1");
        assertThatThrownBy(() -> {
                    try (FileChannel file = FileChannel.open(
                            disk.mountPoint().orElseThrow().resolve("file"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE)) {
                        file.write(ByteBuffer.wrap(new byte[4096]));
                        file.force(true);
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(disk.rules().reports().get(0).fired()).isPositive();
        assertThat(disk.rules().reports().get(1).fired()).isZero();
        assertThatThrownBy(() -> disk.rules().remove("nver"))
                .hasMessageContaining("no rule 'nver'")
                .hasMessageContaining("did you mean 'never'?");
        disk.rules().remove("all");
        assertThat(disk.rules().reports()).extracting(r -> r.name()).containsExactly("never", "rule-1");
        assertThat(disk.delete()).isEmpty();
    }

    @Test
    void anOpenFileIsReportedAndKeepsNothingAlive() throws IOException {
        RemoteDisk disk = server.create(spec().fileSystem(FileSystem.EXT4).build());
        Path file = disk.mountPoint().orElseThrow().resolve("open");
        Files.writeString(file, "x");
        try (InputStream open = Files.newInputStream(file)) {
            assertThatThrownBy(disk::remount).hasMessageContaining("busy").hasMessageContaining("open " + file);
            assertThatThrownBy(disk::reset).hasMessageContaining("open " + file);
            assertThat(Files.readString(file)).isEqualTo("x");
            List<String> leaks = disk.delete();
            assertThat(leaks)
                    .singleElement()
                    .asString()
                    .contains("process " + ProcessHandle.current().pid(), "open " + file);
            assertThat(disk.device()).doesNotExist();
            assertThat(open).isNotNull();
        }
    }

    @Test
    void aRequestThatIsDelayedForAnHourDelaysTheEndBySecondsOnly() throws IOException {
        RemoteDisk disk = server.create(spec().fileSystem(FileSystem.EXT4).build());
        Path file = disk.mountPoint().orElseThrow().resolve("file");
        Files.write(file, new byte[1 << 20]);
        disk.rules().add("on write delay 3600s");
        TimeLimitedTask<Object> writer = TimeLimitedTask.start("writer", () -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            return null;
        });
        assertThat(TimeLimitedTask.until(Duration.ofSeconds(20), () -> fired(disk)))
                .isTrue();

        long start = System.nanoTime();
        disk.delete();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(40));
        assertThat(writer.await(Duration.ofSeconds(10)))
                .as("the writer came back")
                .isTrue();
    }

    @Test
    void theKernelsCacheKnowsOfAResetWhileTheDeviceIsOpen() throws IOException {
        RemoteDisk disk = server.create(spec().build());
        try (FileChannel device = FileChannel.open(disk.device(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            device.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 4096);
            disk.reset();
            ByteBuffer read = ByteBuffer.allocate(4);
            device.read(read, 4096);
            assertThat(read.array()).containsExactly(0, 0, 0, 0);
        }
        assertThat(disk.delete()).isEmpty();
        assertThat(disk.delete()).as("again").isEmpty();
    }

    @Test
    void whatCannotBeMadeIsExplainedAndLeavesNothing() throws IOException {
        RemoteDisk taken = server.create(spec().name("taken").build());
        assertThatThrownBy(() -> server.create(spec().name("taken").build()))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("'taken' is taken")
                .hasMessageContaining("ublkdisk del taken");
        taken.delete();
        assertThatThrownBy(() -> server.create(spec().script("on raed fail IO").build()))
                .hasMessageContaining("raed");
        assertThatThrownBy(() -> server.create(
                        spec().script("on read sectors 131072..131079 fail IO").build()))
                .as("past the end")
                .hasMessageContaining("131079");
        assertThatThrownBy(() -> server.create(spec().fileSystem(FileSystem.EXT4)
                        .mkfsOptions("-N many")
                        .build()))
                .hasMessageContaining("mkfs.ext4")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> server.create(spec().fileSystem(FileSystem.EXT4)
                        .mountOptions("nonsense")
                        .build()))
                .hasMessageContaining("bad option")
                .hasMessageContaining("-o nonsense")
                .hasMessageContaining("The kernel's log: ext4: Unknown parameter 'nonsense'");
        assertThatThrownBy(() -> server.create(spec().build()).mount()).hasMessageContaining("without a filesystem");
        server.disk(server.disks().get(0)).delete();
    }

    @Test
    void whoKnewADeletedDiskDoesNotReachTheOneThatHasItsNameAndNumberNow() throws IOException {
        RemoteDisk first = server.create(spec().name("db").build());
        RemoteDisk known = server.disk(server.disks().get(0));
        assertThat(first.delete()).isEmpty();
        RemoteDisk second = server.create(spec().name("db").build());
        assertThat(second.device()).isEqualTo(known.device());
        assertThatThrownBy(known::stats).hasMessageMatching("no disk 'db#\\d+' any more; it has been deleted");
        assertThatThrownBy(known::delete).hasMessageContaining("any more");
        assertThatThrownBy(() -> second.showCrashImage("none", 0, known, false)).hasMessageContaining("any more");
        assertThat(second.stats().poweredOn()).isTrue();
        second.delete();
    }

    @Test
    void aDiskGoesWithTheConnectionThatOwnsIt() throws IOException {
        RemoteDisk disk;
        try (ServerConnection second = ServerConnection.open(server.socket())) {
            disk = second.create(spec().fileSystem(FileSystem.EXT4).build());
            assertThat(server.disks()).hasSize(1);
        }
        assertThat(Left.after(Duration.ofSeconds(10))).isEmpty();
        assertThat(disk.device()).doesNotExist();
        assertThat(TimeLimitedTask.until(Duration.ofSeconds(5), () -> {
                    try {
                        return server.disks().isEmpty();
                    } catch (DiskException e) {
                        return false;
                    }
                }))
                .isTrue();
    }

    static DiskSpec.Builder spec() {
        return DiskSpec.builder().size("64MiB");
    }

    private static boolean fired(RemoteDisk disk) {
        try {
            return disk.rules().reports().get(0).fired() > 0;
        } catch (DiskException e) {
            return false;
        }
    }
}
