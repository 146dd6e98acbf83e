package io.ublkdisk.server.session;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.protocol.Answer;
import io.ublkdisk.protocol.Command;
import io.ublkdisk.protocol.Handlers;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.LineBuffer;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.ProtocolLine;
import io.ublkdisk.protocol.Version;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ServedDisk;
import io.ublkdisk.server.log.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One client's connection: reads its lines, has them done, answers, until the client hangs up; then the disks that it owns go.
 * It has a thread of its own, so a client that is slow or hangs makes only itself wait. Whatever the line, the answer
 * is a line, and the conversation goes on.
 */
public final class ClientSession implements Runnable {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final SocketChannel channel;
    private final LineBuffer lines = new LineBuffer();
    private final ByteBuffer in = ByteBuffer.allocate(8192).limit(0);
    private final Handlers handlers;
    private final List<ServedDisk> owned = new ArrayList<>();
    private final Disks disks;
    private final CommandLineRunner commandLines;
    /** Whose mount namespace mounts are made in: the server's own client says so first. */
    private long clientPid = ProcessHandle.current().pid();

    public ClientSession(SocketChannel channel, Disks disks, CommandLineRunner commandLines) {
        this.channel = channel;
        this.disks = disks;
        this.commandLines = commandLines;
        this.handlers = CommandHandlers.of(disks, this);
    }

    @Override
    public void run() {
        try {
            converse();
        } catch (IOException hungUp) {
            // Whatever broke the connection ends it, and the disks go all the same.
            Log.debug("a connection ends: " + hungUp);
        } finally {
            owned.forEach(disks::delete);
            disks.endPrepared(this);
        }
    }

    void introduce(long pid) {
        clientPid = pid;
    }

    long clientPid() {
        return clientPid;
    }

    /** Returns where the client has that file: it may have mounts that the server does not see. */
    Path pathOfClient(Path path) {
        Path root = Path.of("/proc/" + clientPid + "/root");
        return path.isAbsolute() && Files.isDirectory(root)
                ? root.resolve(Path.of("/").relativize(path))
                : path;
    }

    void own(ServedDisk disk) {
        owned.add(disk);
    }

    /**
     * Sends what is journaled as it comes, until the client hangs up, or says anything, or the disk is gone. A client that is
     * slow makes only this thread wait, and learns how many entries it has missed.
     */
    public void stream(Journal.Reader reader) throws IOException {
        send(". following\n");
        try {
            while (true) {
                List<Entry> entries = reader.next(LOOK);
                long lost = reader.lost();
                StringBuilder lines = new StringBuilder(lost == 0 ? "" : ". lost=" + lost + "\n");
                entries.forEach(e ->
                        lines.append(". ").append(JournalFields.of(e).line()).append('\n'));
                send(lines.toString());
                if (entries.isEmpty() && (reader.isAtEnd() || isInterrupted())) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the client has hung up or says something; that is read afterwards. */
    private boolean isInterrupted() throws IOException {
        if (in.hasRemaining()) {
            return true;
        }
        channel.configureBlocking(false);
        try {
            return fill() != 0;
        } finally {
            channel.configureBlocking(true);
        }
    }

    private int fill() throws IOException {
        int count = channel.read(in.clear());
        in.flip();
        return count;
    }

    private void converse() throws IOException {
        do {
            for (LineBuffer.Frame frame = lines.next(in); frame != null; frame = lines.next(in)) {
                if (frame.text() != null && frame.text().startsWith(CommandLineSession.VERB + " ")) {
                    new CommandLineSession(new Raw(), commandLines).run(frame.text(), Version.TEXT);
                } else {
                    send(answer(frame));
                }
            }
        } while (fill() >= 0);
        if (lines.midLine()) {
            send("error the last line has no line feed; nothing was done\n");
        }
    }

    private String answer(LineBuffer.Frame frame) {
        if (frame.problem() != null) {
            return error(frame.problem());
        }
        try {
            Answer answer = Command.read(frame.text()).run(handlers).answer();
            StringBuilder text = new StringBuilder();
            for (String line : answer.data()) {
                text.append(". ").append(line).append('\n');
            }
            return text.append(answer.ok().isEmpty() ? "ok" : "ok " + answer.ok())
                    .append('\n')
                    .toString();
        } catch (IOException | ProtocolException | IllegalArgumentException e) {
            return error(e.getMessage() == null ? e.toString() : e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            Log.trace("'" + frame.text() + "' went wrong", e);
            return error("internal server error: " + e);
        }
    }

    private void send(String text) throws IOException {
        ByteBuffer out = StandardCharsets.UTF_8.encode(text);
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** What follows a line, byte by byte. */
    private final class Raw implements CommandLineSession.Bytes {
        @Override
        public int next() throws IOException {
            while (!in.hasRemaining()) {
                if (fill() < 0) {
                    in.limit(0);
                    return -1;
                }
            }
            return in.get() & 0xff;
        }

        @Override
        public void send(String text) throws IOException {
            ClientSession.this.send(text);
        }
    }

    private static String error(String text) {
        return "error " + ProtocolLine.text(text) + "\n";
    }
}
