package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ublkdisk.junit.engine.files.FileUsers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Daemons, as far as they need no disk. */
@Timeout(120)
class DaemonTest {
    private static final String FOREVER = "while :; do sleep 0.05; done";

    @TempDir
    Path folder;

    @BeforeEach
    void needsLinux() {
        assumeThat(Path.of("/proc/self/environ")).as("needs Linux's /proc").exists();
    }

    private Daemon shell(String script) {
        return Daemon.in(folder, "sh", "-c", script).within(Duration.ofSeconds(30));
    }

    @Test
    void waitsForALineOfItsOutputAndCanBeStartedAgain() throws IOException {
        try (Daemon daemon = shell("echo starting; sleep 0.2; echo now I am ready >&2; " + FOREVER)
                .readyWhenItSays("I am ready")) {
            long first = daemon.start().pid();
            assertThat(daemon.output()).containsExactly("starting", "now I am ready");
            assertThat(daemon.isAlive()).isTrue();
            assertThatIllegalStateException().isThrownBy(daemon::start).withMessageContaining("runs already");
            daemon.kill();
            assertThat(daemon.isAlive()).isFalse();
            assertThat(daemon.start().pid()).isNotEqualTo(first);
        }
    }

    @Test
    void waitsForACommandAndForAPort() throws IOException {
        String file = folder.resolve("ready").toString();
        try (Daemon daemon = shell("sleep 0.2; touch ready; " + FOREVER).readyWhen("test", "-e", file)) {
            daemon.start();
            assertThat(folder.resolve("ready")).exists();
        }
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Daemon daemon = shell(FOREVER).readyWhenPortAnswers(server.getLocalPort())) {
            assertThat(daemon.start().isAlive()).isTrue();
        }
    }

    @Test
    void killsAllThatItHasStartedAlsoWhatHasGoneItsOwnWay() throws IOException {
        try (Daemon daemon = shell("sleep 600 & setsid sleep 601 & (setsid sh -c 'echo $$ > orphan; exec sleep 602' &);"
                        + " while [ ! -s orphan ]; do sleep 0.05; done; echo ready; " + FOREVER)
                .readyWhenItSays("ready")) {
            daemon.start();
            long orphan =
                    Long.parseLong(Files.readString(folder.resolve("orphan")).strip());
            assertThat(runs(orphan)).isTrue();
            daemon.kill();
            assertThat(runs(orphan)).isFalse();
            assertThat(FileUsers.under(folder)).isEmpty();
        }
    }

    /** One that has ended, and whose parent has not taken notice, does not run. */
    private static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
    }

    @Test
    void stopAsksItAndReturnsItsStatus() throws IOException {
        try (Daemon daemon = shell("trap 'exit 3' TERM; echo ready; " + FOREVER).readyWhenItSays("ready")) {
            assertThat(daemon.start().stop()).isEqualTo(3);
        }
    }

    @Test
    void oneThatDoesNotStopIsKilled() throws IOException {
        try (Daemon daemon = shell("trap '' TERM; echo ready; " + FOREVER).readyWhenItSays("ready")) {
            daemon.start().within(Duration.ofMillis(300));
            assertThatThrownBy(daemon::stop)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not stop within 300 ms")
                    .hasMessageContaining("ready");
            assertThat(daemon.isAlive()).isFalse();
        }
    }

    @Test
    void oneThatEndsOrIsNeverReadyFailsWithItsLastLines() {
        assertThatThrownBy(() -> shell("echo no configuration; exit 7")
                        .readyWhenItSays("ready")
                        .start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("daemon sh (process ")
                .hasMessageContaining("ended with exit status 7 before a line of its output contained \"ready\"")
                .hasMessageContaining("no configuration");
        Daemon late = shell(FOREVER).readyWhenItSays("ready").within(Duration.ofMillis(300));
        assertThatThrownBy(late::start)
                .hasMessageContaining("not ready within 300 ms")
                .hasMessageContaining("said nothing");
        assertThat(late.isAlive()).isFalse();
    }

    @Test
    void badInputIsNamed() {
        assertThatIllegalArgumentException().isThrownBy(() -> Daemon.in(folder)).withMessageContaining("command");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shell("x").within(Duration.ZERO))
                .withMessageContaining("PT0S");
        assertThatIllegalStateException().isThrownBy(shell("x")::pid).withMessageContaining("start() it");
        assertThatThrownBy(() -> Daemon.in(folder, "no-such-program").start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-program");
        assertThatThrownBy(() -> shell("x").user("nobody-of-that-name").start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no user 'nobody-of-that-name'");
    }

    @Test
    void runsAsAnotherUserInAFolderOfThatUser() throws IOException {
        assumeThat(System.getProperty("user.name")).as("only root can").isEqualTo("root");
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Daemon daemon = shell("id -un; echo mine > file; echo $UBLK_X; " + FOREVER)
                .user("nobody")
                .folder("data")
                .environment("UBLK_X", "value")
                .readyWhenItSays("value")) {
            daemon.start();
            assertThat(daemon.output()).containsExactly("nobody", "value");
            assertThat(Files.getOwner(folder.resolve("data/file")).getName()).isEqualTo("nobody");
        }
    }
}
