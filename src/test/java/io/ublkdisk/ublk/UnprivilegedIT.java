package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.backend.MemoryBackend;
import io.ublkdisk.block.Recovery;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device of a user who is not root. This test does what the udev rule does: it makes him the owner of the nodes. */
@Timeout(120)
class UnprivilegedIT {
    private static final int NOBODY = 65534;
    private static final Path CONTROL = Path.of("/dev/ublk-control");

    @AfterEach
    void nothingIsLeft() throws Exception {
        Files.setPosixFilePermissions(CONTROL, PosixFilePermissions.fromString("rw-------"));
        assertThat(UblkControl.deviceIds()).isEmpty();
    }

    /** Makes a device, writes to it and reads, deletes it; says so line by line. */
    static final class Nobody {
        public static void main(String[] arguments) throws Exception {
            UblkDevice device = UblkDevice.builder(new MemoryBackend(4 << 20))
                    .unprivileged(true)
                    .controlTimeout(Duration.ofSeconds(20))
                    .create();
            device.start();
            System.out.println("started " + device.id());
            while (!Files.isWritable(device.path())) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            try (DirectDisk disk = new DirectDisk(device.path())) {
                disk.writePattern(4096, 65536, 1);
                disk.expectPattern(4096, 65536, 1);
            }
            System.out.println("written");
            if (arguments.length > 0) {
                Runtime.getRuntime().halt(9);
            }
            device.close();
            System.out.println("closed");
        }
    }

    @Test
    void worksForAnOrdinaryUserOnceTheNodesAreHis() throws Exception {
        Process nobody = start();
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(20))) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(nobody.getInputStream()));
            giveNode("ublkc");
            String started = lines.readLine();
            assertThat(started).startsWith("started ");
            int id = Integer.parseInt(started.substring("started ".length()));
            DeviceInfo info = control.info(id);
            assertThat(info.features()).contains(UblkFeature.UNPRIVILEGED_DEV);
            assertThat(info.ownerUid()).isEqualTo(NOBODY);
            assertThat(info.ownerGid()).isEqualTo(NOBODY);
            giveNode("ublkb");
            assertThat(lines.readLine()).isEqualTo("written");
            assertThat(lines.readLine()).isEqualTo("closed");
            assertThat(nobody.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            nobody.destroyForcibly();
        }
    }

    @Test
    void rootClearsAwayWhatSuchAUserHasLeft() throws Exception {
        Process nobody = start("die");
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(20))) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(nobody.getInputStream()));
            giveNode("ublkc");
            int id = Integer.parseInt(lines.readLine().substring("started ".length()));
            giveNode("ublkb");
            assertThat(lines.readLine()).isEqualTo("written");
            assertThat(nobody.waitFor(20, TimeUnit.SECONDS)).isTrue();
            control.info(id);
            control.deleteAsync(id);
            for (int i = 0; i < 500 && !UblkControl.deviceIds().isEmpty(); i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } finally {
            nobody.destroyForcibly();
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

    private static Process start(String... arguments) throws Exception {
        Files.setPosixFilePermissions(CONTROL, PosixFilePermissions.fromString("rw-rw-rw-"));
        ProcessBuilder builder = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--clear-groups",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Djava.io.tmpdir=/tmp",
                        "-Djna.tmpdir=/tmp",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Nobody.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.command().addAll(List.of(arguments));
        return builder.start();
    }

    private static void giveNode(String prefix) throws Exception {
        for (int i = 0; i < 2000; i++) {
            try (var nodes = Files.newDirectoryStream(Path.of("/dev"), prefix + "[0-9]*")) {
                for (Path node : nodes) {
                    Files.setAttribute(node, "unix:uid", NOBODY);
                    Files.setAttribute(node, "unix:gid", NOBODY);
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError("no node " + prefix);
    }
}
