package io.ublkdisk.server.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.LineBuffer;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** A real server on a real socket, asked everything but for a disk: that needs a kernel, and is in the ITs. */
class ServerTest {
    private static Path fuzzFolder;
    private static Server fuzzed;
    private static SocketChannel fuzzKeeper;

    @TempDir
    Path folder;

    private Server server;
    /** Somebody who stays connected, or the server would end with the first caller. */
    private SocketChannel keeper;

    @BeforeEach
    void start() throws IOException {
        server = new Server(new StateFolder(folder.resolve("state")), line -> {});
        keeper = connect();
    }

    @AfterEach
    void stop() throws IOException {
        keeper.close();
        server.close();
    }

    @BeforeContainer
    static void startFuzzed() throws IOException {
        fuzzFolder = Files.createTempDirectory("ublkdisk");
        fuzzed = new Server(new StateFolder(fuzzFolder.resolve("state")), line -> {});
        fuzzKeeper = connect(fuzzed);
    }

    @AfterContainer
    static void stopFuzzed() throws IOException {
        fuzzKeeper.close();
        fuzzed.close();
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void refusesAKernelThatHangsUnlessItIsAllowed() throws IOException {
        StateFolder other = new StateFolder(folder.resolve("other"));
        List<String> log = new ArrayList<>();
        String real = System.setProperty("os.version", "6.18.5");
        try {
            assertThatThrownBy(() -> new Server(other, log::add))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("Linux 6.18.5 has a faulty ublk driver")
                    .hasMessageContaining("UBLKDISK_ALLOW_FAULTY_KERNEL=true");
            assertThat(folder.resolve("other")).doesNotExist();
            System.setProperty("ublkdisk.allowFaultyKernel", "true");
            new Server(other, log::add).close();
            assertThat(log).anyMatch(line -> line.contains("Linux 6.18.5 has a faulty ublk driver"));
        } finally {
            System.clearProperty("ublkdisk.allowFaultyKernel");
            System.setProperty("os.version", real);
        }
    }

    @Test
    void onlyItsUserCanReachIt() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(server.socket().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void answersWhateverTheLine() throws IOException {
        assertThat(ask("ping")).isEqualTo("ok");
        assertThat(ask("list")).isEqualTo("ok");
        assertThat(ask("")).isEqualTo("error the line ends where a verb is expected");
        assertThat(ask("delet 0")).isEqualTo("error unknown verb 'delet'; did you mean 'delete'?");
        assertThat(ask("delete")).isEqualTo("error the line ends where a disk is expected");
        assertThat(ask("delete 7")).isEqualTo("error no disk '7'; there is none");
        assertThat(ask("ping pong")).isEqualTo("error nothing more is expected, found 'pong'");
        assertThat(ask("hello pid=me")).startsWith("error pid is 'me'");
        assertThat(ask("create sise=1")).isEqualTo("error unknown field 'sise'; did you mean 'size'?");
        assertThat(ask("create size=0")).startsWith("error size 0 bytes");
        assertThat(ask("create size")).startsWith("error 'size' is not key=value");
        assertThat(ask("create script=on\\sread\\sfial\\sIO"))
                .startsWith("error script")
                .contains("fial")
                .contains("Did you mean");
        assertThat(ask("create script=on\\sread\\ssectors\\s9999999\\sfail\\sIO"))
                .startsWith("error")
                .contains("9999999");
        assertThat(ask("fault 0 \\")).startsWith("error");
        assertThat(ask("\0\0\0")).isEqualTo("error control character 0x00 at byte 1; write it as \\\\u0000");
        assertThat(ask("GET / HTTP/1.1\r")).startsWith("error control character 0x0d");
    }

    @Test
    void tellsWhoSendsTooMuchAndGoesOn() throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, "x".repeat(3 * LineBuffer.LIMIT_BYTES) + "\nping\n");
            assertThat(lines(channel, 2))
                    .containsExactly("error the line is longer than 65536 bytes; split what it asks for", "ok");
        }
    }

    @Test
    void tellsWhoHangsUpInTheMiddle() throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, "list\ndelete ublkb");
            channel.shutdownOutput();
            assertThat(lines(channel, 2))
                    .containsExactly("ok", "error the last line has no line feed; nothing was done");
        }
    }

    @Test
    @Timeout(20)
    void oneThatNeverReadsHoldsUpNobody() throws IOException {
        try (SocketChannel slow = connect()) {
            slow.configureBlocking(false);
            ByteBuffer flood = UTF_8.encode("nonsense\n".repeat(100_000));
            while (slow.write(flood) > 0) {
                assertThat(flood.hasRemaining())
                        .as("it should stop taking lines")
                        .isTrue();
            }
            assertThat(ask("ping")).isEqualTo("ok");
        }
    }

    @Test
    @Timeout(60)
    void refusesOneCallerTooManyAndServesTheNextAgain() throws IOException {
        List<SocketChannel> callers = new ArrayList<>();
        try {
            for (int i = 0; i < 1023; i++) {
                callers.add(connect());
            }
            send(callers.get(1022), "ping\n");
            assertThat(lines(callers.get(1022), 1)).containsExactly("ok");
            try (SocketChannel oneTooMany = connect()) {
                assertThat(lines(oneTooMany, 1))
                        .first()
                        .asString()
                        .isEqualTo("error too many connections (limit 1024); close some");
            }
        } finally {
            for (SocketChannel caller : callers) {
                caller.close();
            }
        }
        assertThat(TimeLimitedTask.until(Duration.ofSeconds(10), () -> answers("ping")))
                .isTrue();
    }

    @Property(tries = 300)
    void survivesAnyBytes(@ForAll @Size(max = 2000) byte[] bytes) throws IOException {
        try (SocketChannel idle = connect(fuzzed);
                SocketChannel channel = connect(fuzzed)) {
            byte[] oneLine = Arrays.copyOf(bytes, bytes.length);
            for (int i = 0; i < oneLine.length; i++) {
                oneLine[i] = oneLine[i] == '\n' ? 0 : oneLine[i];
            }
            channel.write(ByteBuffer.wrap(oneLine));
            send(channel, "\nping\n");
            List<String> answers = lines(channel, 2);
            assertThat(answers.get(0)).startsWith("error ");
            assertThat(answers.get(1)).isEqualTo("ok");
            assertThat(idle.isConnected()).isTrue();
        }
    }

    @Test
    @Timeout(20)
    void endsWithItsLastCaller() throws Exception {
        ServerConnection first = ServerConnection.open(server.socket());
        ServerConnection second = ServerConnection.open(server.socket());
        keeper.close();
        first.ping();
        first.close();
        second.ping();
        assertThat(second.disks()).isEmpty();
        second.close();
        server.awaitEnd();
        assertThat(server.socket()).doesNotExist();
    }

    @Test
    @Timeout(20)
    void itsEndIsToldToEveryLaterCall() throws Exception {
        ServerConnection connection = ServerConnection.open(server.socket());
        connection.ping();
        server.close();
        assertThatThrownBy(connection::ping)
                .isInstanceOf(ServerDiedException.class)
                .hasMessageContaining(server.socket().toString());
        assertThatThrownBy(() -> connection.create(DiskSpec.builder().build())).isInstanceOf(ServerDiedException.class);
    }

    @Test
    void anInterruptDoesNotCutTheConnection() throws Exception {
        try (ServerConnection connection = ServerConnection.open(server.socket())) {
            Thread.currentThread().interrupt();
            connection.ping();
            assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
            connection.ping();
        }
    }

    @Test
    void refusesAFolderThatOthersCanLookInto() throws IOException {
        Path open = Files.createDirectory(
                folder.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        assertThatThrownBy(() -> new Server(new StateFolder(open), line -> {}))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("mode 755")
                .hasMessageContaining("UBLKDISK_STATE");
    }

    private boolean answers(String line) {
        try {
            return ask(line).equals("ok");
        } catch (IOException e) {
            return false;
        }
    }

    private String ask(String line) throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, line + "\n");
            return lines(channel, 1).get(0);
        }
    }

    private SocketChannel connect() throws IOException {
        return connect(server);
    }

    private static SocketChannel connect(Server server) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(server.socket()));
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer out = UTF_8.encode(text);
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private static List<String> lines(SocketChannel channel, int count) throws IOException {
        LineBuffer buffer = new LineBuffer();
        ByteBuffer in = ByteBuffer.allocate(8192);
        List<String> lines = new ArrayList<>();
        while (lines.size() < count && channel.read(in.clear()) >= 0) {
            in.flip();
            for (LineBuffer.Frame f = buffer.next(in); f != null && lines.size() < count; f = buffer.next(in)) {
                lines.add(f.text() == null ? f.problem() : f.text());
            }
        }
        return lines;
    }
}
