package io.ublkdisk.server.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.FirstVersionServer;
import io.ublkdisk.protocol.Version;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients and servers of different versions: both learn that they are, and what to do about it. */
class VersionTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

    @TempDir
    Path folder;

    @Test
    @Timeout(20)
    void anOldClientIsToldByThisServer() throws IOException {
        try (Server server = new Server(new StateFolder(folder.resolve("state")), line -> {});
                SocketChannel old = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
            assertThat(ask(old, "hello pid=17"))
                    .isEqualTo(
                            "error the client speaks version 1 of the protocol, and the disk server (process " + OWN_PID
                                    + ") speaks version " + Version.PROTOCOL
                                    + ": they are of different builds of ublkdisk; end the server, which deletes its disks, and try"
                                    + " again: kill " + OWN_PID);
            assertThat(ask(old, "hello pid=17 protocol=" + (Version.PROTOCOL + 1)))
                    .startsWith("error the client speaks version " + (Version.PROTOCOL + 1));
            assertThat(ask(old, "hello pid=" + OWN_PID + " protocol=" + Version.PROTOCOL))
                    .isEqualTo("ok ublkdisk " + Version.PROTOCOL + " pid=" + OWN_PID);
        }
    }

    @Test
    @Timeout(20)
    void aConnectionWithoutHelloIsServed() throws IOException {
        try (Server server = new Server(new StateFolder(folder.resolve("state")), line -> {});
                SocketChannel person = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
            assertThat(ask(person, "list")).isEqualTo("ok");
        }
    }

    @Test
    @Timeout(20)
    void theStubOfAnotherBuildIsToldInItsOwnBytes() throws IOException {
        CommandLineRunner runner = (words, out, err) -> {
            out.println(words);
            return 0;
        };
        try (Server server = new Server(new StateFolder(folder.resolve("state")), line -> {}, runner);
                SocketChannel stub = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
            assertThat(ask(stub, "command-line 0.0.9 2\nstats\0a b\0".strip(), false))
                    .isEqualTo("error this server is ublkdisk " + Version.TEXT + ", the caller is 0.0.9");
            assertThat(ask(stub, "command-line " + Version.TEXT + " 2\nstats\0a b\0", false))
                    .isEqualTo("out [stats, a b]");
        }
    }

    @Test
    @Timeout(20)
    void aServerOfTheFirstVersionIsNamedByThisClient() throws Exception {
        List<String> heard;
        try (FirstVersionServer server = new FirstVersionServer(folder.resolve("old.sock"))) {
            assertThatThrownBy(() -> ServerConnection.open(server.socket()))
                    .isInstanceOf(DiskException.class)
                    .hasMessage("the client speaks version " + Version.PROTOCOL
                            + " of the protocol, and the disk server (process 4711) speaks version 1: they are of different"
                            + " builds of ublkdisk; end the server, which deletes its disks, and try again: kill 4711");
            heard = server.heard();
        }
        assertThat(heard)
                .containsExactly("hello pid=" + OWN_PID + " protocol=" + Version.PROTOCOL, "hello pid=" + OWN_PID);
    }

    private static String ask(SocketChannel channel, String line) throws IOException {
        return ask(channel, line + "\n", true);
    }

    private static String ask(SocketChannel channel, String bytes, boolean whole) throws IOException {
        channel.write(UTF_8.encode(bytes));
        BufferedReader answers = new BufferedReader(Channels.newReader(channel, UTF_8.newDecoder(), 1));
        String first = answers.readLine();
        if (!whole && first.startsWith("out ")) {
            assertThat(answers.readLine()).isEqualTo("exit 0");
        }
        return first;
    }
}
