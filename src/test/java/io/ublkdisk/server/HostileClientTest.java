package io.ublkdisk.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.protocol.LineBuffer;
import io.ublkdisk.server.session.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that knows the language of the server and means ill: each line of it gets one answer, and none does any harm. */
class HostileClientTest {
    private static final int LINES = Boolean.getBoolean("ublkdisk.all") ? 1_000_000 : 20_000;
    private static final int BATCH = 500;
    private static final long SEED = Long.getLong("ublkdisk.fuzz-seed", 1);

    private static final List<String> LINES_OF_FRIENDS = List.of(
            "hello pid=1",
            "ping",
            "list",
            "create size=16777216 name=a fs=ext4 mount=true mount-point=/mnt/a script=on\\sread\\sfail\\sIO seed=1",
            "create file=/etc/passwd size=4096 queues=4096 depth=4096 max-io=33554432 owned=true recovery=reissue",
            "recover a owned=true",
            "quiesce a",
            "info 0",
            "delete a force",
            "fault 0 on\\sread\\ssectors\\s0..7\\sfail\\sMEDIUM",
            "script 0 seed\\s1\\nat\\smark\\s\"x\"\\spower-cut",
            "await-fired 0 rule=r times=1 millis=0",
            "release 0 r IO",
            "journal 0 events",
            "follow 0",
            "damage 0 offset=0 length=512 with=flip seed=1",
            "snapshot 0 ../../../etc/shadow",
            "rewind 0 x",
            "crash-image 0 keep=random\\s0.5 seed=1 name=b owned=true",
            "show-state 0 e1 1 mount=true options=ro",
            "epoch 0 1");

    private static final List<String> BITS = List.of(
            "..",
            "/",
            "\\",
            "\\s",
            "\\u0000",
            "=",
            " ",
            "-1",
            "9223372036854775808",
            "1e9",
            "\u00e9",
            "%s",
            "$(id)",
            "''",
            "\t",
            "NaN",
            "0x10",
            "owned=",
            "size=0",
            "#",
            "../../x");

    @TempDir
    Path folder;

    @Test
    @Timeout(900)
    void getsOneAnswerForEachLineAndDoesNoHarm() throws Exception {
        ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
        Path state = folder.resolve("state");
        Random random = new Random(SEED);
        try (Server server = new Server(new StateFolder(state), log::add);
                SocketChannel keeper = connect(server)) {
            long threads = threads();
            for (int sent = 0; sent < LINES; sent += BATCH) {
                try (SocketChannel channel = connect(server)) {
                    converse(channel, random);
                }
            }
            assertThat(log).as("faults of the server, seed %d", SEED).noneMatch(line -> line.contains("went wrong"));
            assertThat(threads()).isLessThan(threads + 20);
            assertThat(keeper.isConnected()).isTrue();
            assertThat(names(state)).allMatch(name -> name.equals("sweep.lock") || name.endsWith(".sock"));
            assertThat(names(folder)).containsExactly("state");
        }
    }

    private static void converse(SocketChannel channel, Random random) throws IOException {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < BATCH; i++) {
            batch.append(line(random)).append('\n');
        }
        Thread writer = new Thread(() -> send(channel, batch + "ping\n"));
        writer.start();
        BufferedReader answers = new BufferedReader(
                Channels.newReader(channel, StandardCharsets.UTF_8.newDecoder(), LineBuffer.LIMIT_BYTES));
        for (int i = 0; i < BATCH; ) {
            String answer = answers.readLine();
            assertThat(answer).as("answer %d, seed %d", i, SEED).isNotNull().doesNotContain("internal server error");
            // Data, and then the last line.
            i += answer.startsWith(". ") ? 0 : 1;
            assertThat(answer).matches("(\\. |ok|error ).*");
        }
        assertThat(answers.readLine()).isEqualTo("ok");
    }

    /** One of a friend, with some of it repeated, left out, exchanged or replaced; never an order that a machine could follow. */
    private static String line(Random random) {
        StringBuilder line = new StringBuilder(LINES_OF_FRIENDS.get(random.nextInt(LINES_OF_FRIENDS.size())));
        int changes = random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(line.length() + 1);
            String bit = BITS.get(random.nextInt(BITS.size()));
            switch (random.nextInt(4)) {
                case 0 -> line.insert(at, bit);
                case 1 -> line.delete(at, Math.min(line.length(), at + random.nextInt(8)));
                case 2 -> line.append(bit.repeat(1 + random.nextInt(100)));
                default -> line.replace(at, Math.min(line.length(), at + bit.length()), bit);
            }
        }
        String text = line.toString().replace('\n', ' ');
        // A disk that can be is none of our business here: there may be a kernel that makes it.
        return text.startsWith("create ") ? text + " cache=perhaps" : text;
    }

    private static SocketChannel connect(Server server) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(server.socket()));
    }

    private static void send(SocketChannel channel, String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException hungUp) {
            // The reader sees that too.
            return;
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("ublkdisk"))
                .count();
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
