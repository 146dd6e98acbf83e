package io.ublkdisk.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers one client as servers did that knew no word {@code protocol}; says that it is process 4711. */
public final class FirstVersionServer implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel listener;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::serve);

    public FirstVersionServer(Path socket) throws IOException {
        this.socket = socket;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        thread.start();
    }

    public Path socket() {
        return socket;
    }

    /** Returns the lines of the client, once it has hung up. */
    public List<String> heard() throws InterruptedException {
        thread.join();
        return heard;
    }

    private void serve() {
        try (SocketChannel client = listener.accept()) {
            BufferedReader lines = new BufferedReader(Channels.newReader(client, UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard.add(line);
                String answer = line.contains("protocol=")
                        ? "error unknown field 'protocol'; known are pid"
                        : "ok ublkdisk 1 pid=4711";
                client.write(UTF_8.encode(answer + "\n"));
            }
        } catch (IOException hungUp) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
