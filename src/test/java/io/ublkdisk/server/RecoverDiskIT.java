package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.DeviceRegistry;
import io.ublkdisk.server.recovery.Orphans;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server of a disk dies, or hands it back, under a mounted filesystem that is written to; another one takes over. */
@Timeout(300)
class RecoverDiskIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int DEATHS = Boolean.getBoolean("ublkdisk.all") ? 20 : 1;
    private static final int CHUNK = 8192;
    private static final int CHUNKS = 256;

    /** Lives through all of these tests, and takes over. */
    private static ServerProcess heir;

    @BeforeAll
    static void startHeir() throws DiskException {
        heir = ServerProcess.start();
    }

    @AfterAll
    static void endHeir() throws Exception {
        heir.close();
        assertThat(Left.ofServers()).isEmpty();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        Orphans.sweep(StateFolder.ofUser(), Orphans.Scope.LOST); // the sockets of those that were killed
        assertThat(Left.after(LIMIT)).isEmpty();
        assertThat(Left.ofServers()).noneMatch(file -> !file.contains("server-" + heir.pid() + ".sock"));
        assertThat(mediaFiles()).isEmpty();
    }

    @Test
    void filesystemAndItsWriterOutliveTheServers() throws Exception {
        ServerProcess server = ServerProcess.start();
        try {
            RemoteDisk disk = server.connection().create(spec("phoenix", Recovery.REISSUE));
            Path device = disk.device();
            Path mountPoint = disk.mountPoint().orElseThrow();
            assertThat(mediaFiles()).hasSize(1);
            AtomicBoolean end = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            TimeLimitedTask<Integer> writer =
                    TimeLimitedTask.start("writer", () -> write(mountPoint.resolve("file"), end, written));
            for (int death = 0; death < DEATHS; death++) {
                int before = written.get();
                assertThat(TimeLimitedTask.until(LIMIT, () -> written.get() > before + 5))
                        .isTrue();
                server.kill();
                assertThat(Orphans.sweep(StateFolder.ofUser(), Orphans.Scope.LOST))
                        .as("it waits for a server, and says so")
                        .singleElement()
                        .satisfies(orphan -> assertThat(orphan.deleted()).isFalse())
                        .asString()
                        .contains("was killed")
                        .contains("recover phoenix");
                server = death + 1 < DEATHS ? ServerProcess.start() : heir;
                disk = server.connection().recover("phoenix", true);
                assertThat(disk.device()).isEqualTo(device);
                assertThat(disk.mountPoint()).contains(mountPoint);
            }
            int before = written.get();
            assertThat(TimeLimitedTask.until(LIMIT, () -> written.get() > before + 5))
                    .isTrue();
            end.set(true);
            assertThat(writer.await(LIMIT)).isTrue();
            int last = writer.result();
            disk.remount();
            expect(mountPoint.resolve("file"), last);
            assertThat(disk.unmount()).isEmpty();
            assertThat(fsck(device)).isEqualTo(0);
            assertThatThrownBy(disk::reset)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("keeps its bytes in a file, for recovery");
            assertThat(disk.delete()).isEmpty();
        } finally {
            if (server != heir) {
                server.close();
            }
        }
    }

    @Test
    void diskOnAFileIsRecoveredWithItsRulesAndName() throws Exception {
        Path file = Files.createTempFile("disk", "");
        ServerProcess second = heir;
        try (ServerProcess first = ServerProcess.start()) {
            RemoteDisk disk = first.connection()
                    .createUnowned(DiskSpec.builder()
                            .name("rules")
                            .file(file)
                            .size("16MiB")
                            .recovery(Recovery.USER_RECOVERY)
                            .script("rule bad: on read sectors 16384..16391 fail MEDIUM")
                            .seed(7)
                            .build());
            disk.rules().add("rule later: on write delay 1ms");
            assertThatThrownBy(() -> second.connection().recover("rules", true))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("has a server, process " + first.pid());
            first.kill();
            assertThatThrownBy(() -> second.connection().recover("rule", true))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("rules");
            RemoteDisk again = second.connection().recover("rules", true);
            assertThat(again.name()).isEqualTo("rules");
            assertThat(again.seed()).isEqualTo(7);
            assertThat(again.rules().reports())
                    .singleElement()
                    .satisfies(rule -> assertThat(rule.name()).isEqualTo("bad"));
            try (FileChannel channel = FileChannel.open(again.device(), StandardOpenOption.READ)) {
                assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(4096), 8 << 20))
                        .isInstanceOf(IOException.class);
            }
            assertThat(again.delete()).isEmpty();
            assertThat(file).exists();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void isDeletedByNameAndWithItsOwner() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            server.connection().createUnowned(raw("unwanted"));
            server.connection().create(raw("orphan"));
            server.kill();
        }
        assertThat(Orphans.delete(StateFolder.ofUser(), "wanted")).isFalse();
        assertThat(Orphans.delete(StateFolder.ofUser(), "unwanted")).isTrue();
        // Of an owner who is no more: as if another process had made it.
        DeviceRegistry.DeviceRecord note =
                new DeviceRegistry(StateFolder.ofUser()).all().get(0);
        Files.writeString(note.file(), note.recovery().replaceAll("client=[0-9]+", "client=4194303"));
        assertThat(Orphans.sweep(StateFolder.ofUser(), Orphans.Scope.LOST))
                .singleElement()
                .satisfies(orphan -> assertThat(orphan.deleted()).isTrue());
    }

    /** A hot upgrade: the old server hands the disk back, the new one takes it, and no request fails. */
    @Test
    void isHandedFromServerToServer() throws Exception {
        ServerProcess second = heir;
        try (ServerProcess first = ServerProcess.start()) {
            RemoteDisk disk = first.connection().create(spec("baton", Recovery.USER_RECOVERY));
            if (!first.connection().features().contains("QUIESCE")) {
                assertThatThrownBy(disk::quiesce)
                        .isInstanceOf(DiskException.class)
                        .hasMessageContaining("6.16");
                assertThat(disk.stats().poweredOn()).isTrue();
                assertThat(disk.delete()).isEmpty();
                return;
            }
            Path mountPoint = disk.mountPoint().orElseThrow();
            AtomicBoolean end = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            TimeLimitedTask<Integer> writer =
                    TimeLimitedTask.start("writer", () -> write(mountPoint.resolve("file"), end, written));
            assertThat(TimeLimitedTask.until(LIMIT, () -> written.get() > 5)).isTrue();
            disk.quiesce();
            assertThat(first.connection().disks()).isEmpty();
            RemoteDisk again = second.connection().recover("baton", true);
            int before = written.get();
            assertThat(TimeLimitedTask.until(LIMIT, () -> written.get() > before + 5))
                    .isTrue();
            end.set(true);
            assertThat(writer.await(LIMIT)).isTrue();
            int last = writer.result();
            again.remount();
            expect(mountPoint.resolve("file"), last);
            assertThat(again.delete()).isEmpty();
        }
    }

    @Test
    void diskWithoutRecoveryIsNotQuiesced() throws Exception {
        try (ServerProcess server = ServerProcess.start()) {
            RemoteDisk disk =
                    server.connection().create(DiskSpec.builder().size("16MiB").build());
            assertThatThrownBy(disk::quiesce)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("made with recovery");
            assertThatThrownBy(() -> server.connection().recover(disk.name(), true))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("none was made with --recovery");
            assertThat(disk.delete()).isEmpty();
        }
    }

    private static DiskSpec spec(String name, Recovery recovery) {
        return DiskSpec.builder()
                .name(name)
                .size("64MiB")
                .fileSystem(FileSystem.EXT4)
                .recovery(recovery)
                .build();
    }

    private static DiskSpec raw(String name) {
        return DiskSpec.builder()
                .name(name)
                .size("16MiB")
                .recovery(Recovery.USER_RECOVERY)
                .build();
    }

    /** Chunk after chunk, each synchronized; returns how many. */
    private static int write(Path file, AtomicBoolean end, AtomicInteger written) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (!end.get()) {
                int i = written.get();
                channel.write(chunk(i), (long) (i % CHUNKS) * CHUNK);
                channel.force(true);
                written.incrementAndGet();
            }
            return written.get();
        }
    }

    private static void expect(Path file, int written) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int i = Math.max(0, written - CHUNKS); i < written; i++) {
                ByteBuffer found = ByteBuffer.allocate(CHUNK);
                channel.read(found, (long) (i % CHUNKS) * CHUNK);
                assertThat(found.flip()).as("chunk %d of %d", i, written).isEqualTo(chunk(i));
            }
        }
    }

    private static ByteBuffer chunk(int i) {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (chunk.hasRemaining()) {
            chunk.putLong(0x9E37_79B9_7F4A_7C15L * (i * 1021L + chunk.position()));
        }
        return chunk.flip();
    }

    private static int fsck(Path device) throws Exception {
        Process fsck = new ProcessBuilder("e2fsck", "-f", "-n", device.toString())
                .inheritIO()
                .start();
        assertThat(fsck.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return fsck.exitValue();
    }

    private static List<Path> mediaFiles() throws IOException {
        try (var files = Files.list(StateFolder.ofUser().path())) {
            return files.filter(f -> f.getFileName().toString().startsWith("media-"))
                    .toList();
        }
    }
}
