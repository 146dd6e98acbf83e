package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.server.session.Features;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device of a user who is not root. This test does what the udev rule does: it makes him the owner of the nodes. */
@Timeout(120)
class UnprivilegedIT {
    private static final int NOBODY = 65534;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Path CONTROL = Path.of("/dev/ublk-control");

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws Exception {
        Files.setPosixFilePermissions(CONTROL, PosixFilePermissions.fromString("rw-------"));
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    /** Makes a device, writes and reads, deletes it; makes another and dies. It says so line by line. */
    static final class Nobody {
        public static void main(String[] arguments) throws Exception {
            try (UblkDevice device = device()) {
                try (DirectDisk disk = new DirectDisk(device.path())) {
                    disk.writePattern(4096, 65536, 1);
                    disk.expectPattern(4096, 65536, 1);
                }
                System.out.println("written");
                System.in.read();
            }
            System.out.println("closed");
            device();
            Runtime.getRuntime().halt(9);
        }

        private static UblkDevice device() throws Exception {
            UblkDevice device = UblkDevice.builder(new MemoryBackend(4 << 20))
                    .unprivileged(true)
                    .controlTimeout(LIMIT)
                    .create();
            device.start();
            System.out.println("started");
            while (!Files.isWritable(device.path())) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            return device;
        }
    }

    @Test
    void worksForAnOrdinaryUserOnceTheNodesAreHisAndForNobodyElse() throws Exception {
        Process nobody = start(NOBODY, Nobody.class.getName());
        try (UblkControl control = UblkControl.open(LIMIT)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(nobody.getInputStream()));
            int id = giveNode("ublkc");
            assertThat(lines.readLine()).isEqualTo("started");
            DeviceInfo info = control.info(id);
            assertThat(info.features()).contains(UblkFeature.UNPRIVILEGED_DEV);
            assertThat(info.ownerUid()).isEqualTo(NOBODY);
            assertThat(info.ownerGid()).isEqualTo(NOBODY);
            giveNode("ublkb");
            assertThat(lines.readLine()).isEqualTo("written");

            // Even if the node lets him: the driver looks at who made the device.
            Path disk = Path.of("/dev/ublkb" + id);
            Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(reads(disk, NOBODY)).isTrue();
            assertThat(reads(disk, NOBODY - 1)).isFalse();

            nobody.getOutputStream().write('\n');
            nobody.getOutputStream().flush();
            assertThat(lines.readLine()).isEqualTo("closed");
            rootClearsAwayWhatHeLeaves(nobody, lines, control);
        } finally {
            nobody.destroyForcibly();
        }
    }

    private static void rootClearsAwayWhatHeLeaves(Process nobody, BufferedReader lines, UblkControl control)
            throws Exception {
        int id = giveNode("ublkc");
        assertThat(lines.readLine()).isEqualTo("started");
        giveNode("ublkb");
        assertThat(nobody.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(nobody.exitValue()).isEqualTo(9);
        assertThat(UblkControl.deviceIds()).containsExactly(id);
        control.info(id);
        control.deleteAsync(id);
        for (int i = 0; i < 500 && !UblkControl.deviceIds().isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void rootIsTooPrivileged() {
        assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(1 << 20))
                        .unprivileged(true)
                        .create())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another user");
        assertThatThrownBy(() -> UblkDevice.builder(new MemoryBackend(1 << 20))
                        .unprivileged(true)
                        .recovery(Recovery.REISSUE)
                        .create())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REISSUE");
    }

    private Process start(int user, String main) throws Exception {
        Files.setPosixFilePermissions(CONTROL, PosixFilePermissions.fromString("rw-rw-rw-"));
        return as(
                        user,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djna.tmpdir=/tmp",
                        "-cp",
                        readableByAll(),
                        main)
                .start();
    }

    private static boolean reads(Path disk, int user) throws Exception {
        return as(user, "head", "-c", "512", disk.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static ProcessBuilder as(int user, String... command) {
        List<String> words =
                new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
        words.addAll(List.of(command));
        return new ProcessBuilder(words).directory(new File("/")).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** The class path of this JVM, copied: the project may lie where only root can read. */
    private String readableByAll() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
                Path copy = folder.resolve(Integer.toString(copies.size()));
                copy(Path.of(entry), copy);
                copies.add(copy.toString());
            }
        }
        return String.join(File.pathSeparator, copies);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path copy = to.resolve(from.relativize(each).toString());
                Files.copy(each, copy);
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    /** As the udev rule does, with {@code ublkdisk owner}. @return the device's id */
    private static int giveNode(String prefix) throws Exception {
        for (int i = 0; i < 6000; i++) {
            for (int id : UblkControl.deviceIds()) {
                Path node = Path.of("/dev", prefix + id);
                if (Files.exists(node)) {
                    String[] owner = Features.owner(id).orElseThrow().split(" ");
                    Files.setAttribute(node, "unix:uid", Integer.parseInt(owner[0]));
                    Files.setAttribute(node, "unix:gid", Integer.parseInt(owner[1]));
                    return id;
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError("no node " + prefix);
    }
}
