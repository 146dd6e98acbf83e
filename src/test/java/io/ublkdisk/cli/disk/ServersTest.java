package io.ublkdisk.cli.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.OtherBuildException;
import io.ublkdisk.control.StateFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command finds the servers of its user, also one that it cannot speak to. */
class ServersTest {
    @TempDir
    Path folder;

    /** Without this, the user is told that no disk is running while the old server runs one. */
    @Test
    @Timeout(20)
    void aServerOfAnotherBuildIsNamedAndNotTakenForDead() throws Exception {
        StateFolder state = new StateFolder(folder);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(folder.resolve("server-4711.sock")));
            Thread old = new Thread(() -> serveAsTheFirstVersion(listener));
            old.start();
            try (Servers servers = new Servers(state)) {
                assertThatThrownBy(servers::disks)
                        .isInstanceOf(OtherBuildException.class)
                        .hasMessageContaining("process 4711")
                        .hasMessageContaining("kill 4711");
                assertThatThrownBy(() -> servers.disk("db")).isInstanceOf(OtherBuildException.class);
            }
            old.join();
        }
    }

    private static void serveAsTheFirstVersion(ServerSocketChannel listener) {
        try (SocketChannel client = listener.accept()) {
            BufferedReader lines = new BufferedReader(Channels.newReader(client, UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String answer = line.contains("protocol=")
                        ? "error unknown field 'protocol'; known are pid"
                        : "ok ublkdisk 1 pid=4711";
                client.write(UTF_8.encode(answer + "\n"));
            }
        } catch (IOException hungUp) {
            return;
        }
    }
}
