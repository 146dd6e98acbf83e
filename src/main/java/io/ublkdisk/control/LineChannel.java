package io.ublkdisk.control;

import io.ublkdisk.block.Clock;
import io.ublkdisk.protocol.Answer;
import io.ublkdisk.protocol.Command;
import io.ublkdisk.protocol.LineBuffer;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import io.ublkdisk.protocol.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One conversation with a server: a line there, an answer back, one at a time. Every wait has a bound. The socket does not
 * block, because an interrupt would close one that does, and a disk may hang on it. Not thread safe.
 */
final class LineChannel implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final LineBuffer lines = new LineBuffer();
    private final ByteBuffer in = ByteBuffer.allocate(8192).limit(0);

    private LineChannel(SocketChannel channel) throws IOException {
        this.channel = channel;
        this.selector = Selector.open();
        this.key = channel.register(selector, 0);
    }

    static LineChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
                throw new IOException(
                        socket + ": too many clients wait for the server to accept them; try again, or close some");
            }
            return new LineChannel(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Sends a command and waits for its reply.
     *
     * @param patient go on waiting when the thread is interrupted; it finds its interrupt again afterwards
     * @throws DiskException if the server answers with an error
     * @throws EOFException if the server hangs up
     * @throws InterruptedIOException if the thread is interrupted, or the limit is over; the wire is then of no more use
     */
    <R extends Reply> R call(Command<R> command, Duration limit, boolean patient) throws IOException {
        String line = command.line();
        boolean interrupted = Thread.interrupted();
        Deadline deadline = new Deadline(limit, patient);
        try {
            send(line, deadline);
            return read(answer(line, deadline), command);
        } finally {
            if (interrupted || deadline.interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <R extends Reply> R read(Answer answer, Command<R> command) throws DiskException {
        try {
            return command.reply(answer);
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new DiskException("the server's answer is not understood: " + e.getMessage(), e);
        }
    }

    /** Sends a command whose answer does not end, and waits for the first line of it. The rest comes by {@link #poll}. */
    void begin(Command<?> command, Duration limit) throws IOException {
        String line = command.line();
        boolean interrupted = Thread.interrupted();
        Deadline deadline = new Deadline(limit, true);
        LineBuffer.Frame frame;
        try {
            send(line, deadline);
            frame = lines.next(in);
            while (frame == null) {
                fill(line, deadline);
                frame = lines.next(in);
            }
        } finally {
            if (interrupted || deadline.interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (frame.text() == null || !frame.text().startsWith(". ")) {
            last(List.of(), frame.text() == null ? frame.problem() : frame.text());
            throw new DiskException("the server's answer is not understood: " + frame.text());
        }
    }

    /**
     * Waits for one more line.
     *
     * @return null when the time is up, or {@link #wakeUp} has been called
     * @throws EOFException if the server hangs up
     */
    String poll(Duration limit) throws IOException {
        LineBuffer.Frame frame = lines.next(in);
        if (frame == null) {
            key.interestOps(SelectionKey.OP_READ);
            selector.select(limit.toMillis());
            selector.selectedKeys().clear();
            in.clear();
            int count = channel.read(in);
            in.flip();
            if (count < 0) {
                throw new EOFException("the server hung up");
            }
            frame = lines.next(in);
        }
        if (frame != null && frame.problem() != null) {
            throw new DiskException("what the server says is not understood: " + frame.problem());
        }
        return frame == null ? null : frame.text();
    }

    /** Ends a {@link #poll} that waits in another thread. */
    void wakeUp() {
        selector.wakeup();
    }

    private void send(String line, Deadline deadline) throws IOException {
        ByteBuffer out = StandardCharsets.UTF_8.encode(line + "\n");
        if (out.remaining() > LineBuffer.LIMIT_BYTES) {
            throw new DiskException("a line of " + out.remaining() + " bytes is more than the server takes ("
                    + LineBuffer.LIMIT_BYTES + "); split what it asks for");
        }
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                deadline.await(SelectionKey.OP_WRITE, line);
            }
        }
    }

    private Answer answer(String line, Deadline deadline) throws IOException {
        List<String> data = new ArrayList<>();
        while (true) {
            LineBuffer.Frame frame = lines.next(in);
            if (frame == null) {
                fill(line, deadline);
            } else if (frame.problem() != null) {
                throw new DiskException("the server's answer is not understood: " + frame.problem());
            } else if (frame.text().startsWith(". ")) {
                data.add(frame.text().substring(2));
            } else {
                return last(data, frame.text());
            }
        }
    }

    /** Reads the last line of an answer. @throws DiskException if it says error */
    private static Answer last(List<String> data, String line) throws DiskException {
        if (line.equals("ok") || line.startsWith("ok ")) {
            return new Answer(data, line.substring(Math.min(line.length(), "ok ".length())));
        }
        try {
            ProtocolLine words = new ProtocolLine(line);
            if (words.next("ok or error").equals("error")) {
                throw new DiskException(words.rest());
            }
        } catch (ProtocolException e) {
            throw new DiskException("the server's answer is not understood: " + line, e);
        }
        throw new DiskException("the server's answer is not understood: " + line);
    }

    private void fill(String line, Deadline deadline) throws IOException {
        in.clear();
        int count;
        while ((count = channel.read(in)) == 0) {
            deadline.await(SelectionKey.OP_READ, line);
        }
        in.flip();
        if (count < 0) {
            in.limit(0);
            throw new EOFException("the server hung up");
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }

    private final class Deadline {
        private final Duration limit;
        private final long startNanos = Clock.nanos();
        private final boolean patient;
        private boolean interrupted;

        Deadline(Duration limit, boolean patient) {
            this.limit = limit;
            this.patient = patient;
        }

        void await(int operation, String line) throws IOException {
            long leftMillis = limit.toMillis() - TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - startNanos);
            if (leftMillis <= 0) {
                throw new InterruptedIOException("no answer to '" + abbreviated(line) + "' within " + limit.toSeconds()
                        + " s; is a request of the disk held?");
            }
            key.interestOps(operation);
            selector.select(leftMillis);
            selector.selectedKeys().clear();
            if (Thread.interrupted()) {
                interrupted = true;
                if (!patient) {
                    throw new InterruptedIOException("interrupted while '" + abbreviated(line) + "' was under way");
                }
            }
        }

        private String abbreviated(String text) {
            return text.length() <= 60 ? text : text.substring(0, 60) + "…";
        }
    }
}
