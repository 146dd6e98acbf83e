package io.ublkdisk.control;

import io.ublkdisk.protocol.Command;
import io.ublkdisk.protocol.EventCommand;
import io.ublkdisk.protocol.LifeCommand;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.SessionCommand;
import io.ublkdisk.protocol.Version;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;

/**
 * A client's side of a server. Thread safe: calls made at the same time go over sockets of their own, so that a call that hangs
 * on a held request holds up no other. One socket stays open all the time and keeps the server alive; each disk that is
 * owned keeps one more, and the server takes the disk down when that closes, which it does however this process ends.
 */
public final class ServerConnection implements AutoCloseable {
    static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    /** Formatting and mounting, on a slow machine. */
    static final Duration LONG_CALL_LIMIT = Duration.ofSeconds(120);

    private final Path socket;
    private final Function<IOException, ServerDiedException> obituary;
    private final ConcurrentLinkedDeque<LineChannel> idle = new ConcurrentLinkedDeque<>();
    private final LineChannel lifeline;
    /** Each keeps a disk alive. */
    private final Set<LineChannel> owners = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    private ServerConnection(Path socket, Function<IOException, ServerDiedException> obituary) throws IOException {
        this.socket = socket;
        this.obituary = obituary;
        this.lifeline = greet();
    }

    /**
     * Connects to the server that listens there.
     *
     * @throws IOException if none does
     */
    public static ServerConnection open(Path socket) throws IOException {
        return open(
                socket,
                e -> new ServerDiedException("the disk server at " + socket + " is gone: " + e.getMessage(), e));
    }

    static ServerConnection open(Path socket, Function<IOException, ServerDiedException> obituary) throws IOException {
        return new ServerConnection(socket, obituary);
    }

    /** Returns the socket of the server. */
    public Path socket() {
        return socket;
    }

    /**
     * Makes a disk that lives no longer than this connection and this process: formatted, mounted and with its rules in
     * force, as the specification says.
     *
     * @throws DiskException saying what is wrong with the specification, the machine or the kernel; nothing is left behind
     */
    public RemoteDisk create(DiskSpec spec) throws DiskException {
        return create(spec, true);
    }

    /**
     * Has a disk made while the caller goes on. The next {@link #create} of one like it gets this disk: a device that has had no user
     * before, and only has to be mounted. It ends with this connection if no test asks for it. Four can wait at once; of more, the
     * oldest is deleted.
     *
     * @throws DiskException if there cannot be two disks like that, because it has a name, a mount point, a file or recovery.
     *     What else is wrong with it is what {@link #create} says
     */
    public void prepare(DiskSpec spec) throws DiskException {
        overLifeline(new SessionCommand.Prepare(spec.fields()));
    }

    /**
     * Gives up what was {@linkplain #prepare prepared}, and returns when what was {@linkplain RemoteDisk#retire retired} is
     * gone.
     */
    public void settle() throws DiskException {
        overLifeline(new SessionCommand.Settle());
    }

    /** Sends a command whose effect lasts as long as this connection. */
    private void overLifeline(SessionCommand<?> command) throws DiskException {
        try {
            synchronized (lifeline) {
                lifeline.call(command, CALL_LIMIT, true);
            }
        } catch (IOException e) {
            throw translated(e);
        }
    }

    /** Creates as {@link #create} does, but the disk stays until it is deleted, or its server ends. */
    public RemoteDisk createUnowned(DiskSpec spec) throws DiskException {
        return create(spec, false);
    }

    /**
     * Serves a disk from now on whose server has died, or has handed it back: one that was made with a {@link
     * DiskSpec#recovery}.
     *
     * @param disk its name, number or device
     * @param owned whether it ends with this connection
     * @throws DiskException if there is none to be recovered
     */
    public RemoteDisk recover(String disk, boolean owned) throws DiskException {
        return made(new LifeCommand.Recover(disk, owned), owned);
    }

    /** Returns the disks that the server has. */
    public List<DiskInfo> disks() throws DiskException {
        return call(new SessionCommand.ListDisks()).disks().stream()
                .map(DiskInfo::parse)
                .toList();
    }

    /** Returns one of {@link #disks()} to work with; it goes on as it is when this connection closes. */
    public RemoteDisk disk(DiskInfo info) {
        return new RemoteDisk(this, null, info);
    }

    /** Returns what the kernel's ublk driver can, by the names of {@code ublk_cmd.h} without {@code UBLK_F_}. */
    public List<String> features() throws DiskException {
        return call(new SessionCommand.Features()).values();
    }

    /** Returns when the server has answered. */
    public void ping() throws DiskException {
        call(new SessionCommand.Ping());
    }

    /** Hangs up; the server takes the disks down that are owned, and ends if it has no others and no other callers. */
    @Override
    public void close() {
        closed = true;
        closeQuietly(lifeline);
        owners.forEach(this::disown);
        for (LineChannel wire = idle.poll(); wire != null; wire = idle.poll()) {
            closeQuietly(wire);
        }
    }

    <R extends Reply> R call(Command<R> command) throws DiskException {
        return call(command, CALL_LIMIT, false);
    }

    /** @param patient whether an interrupt does not end it */
    <R extends Reply> R call(Command<R> command, Duration limit, boolean patient) throws DiskException {
        LineChannel wire = borrow();
        try {
            R reply = wire.call(command, limit, patient);
            giveBack(wire);
            return reply;
        } catch (DiskException e) {
            giveBack(wire);
            throw e;
        } catch (IOException e) {
            closeQuietly(wire);
            throw translated(e);
        }
    }

    /** Has lines sent as they come, over a connection of their own. */
    JournalFollower follow(EventCommand.Follow command, JournalFollower.Sink sink) throws DiskException {
        LineChannel wire = null;
        try {
            wire = greet();
            JournalFollower follower = new JournalFollower(wire, command, CALL_LIMIT, sink);
            wire = null;
            return follower;
        } catch (IOException e) {
            throw translated(e);
        } finally {
            if (wire != null) {
                closeQuietly(wire);
            }
        }
    }

    /** Hangs up the connection that owns a disk. */
    void disown(LineChannel owner) {
        owners.remove(owner);
        closeQuietly(owner);
    }

    private RemoteDisk create(DiskSpec spec, boolean owned) throws DiskException {
        return made(new LifeCommand.Create(spec.fields(), owned), owned);
    }

    /**
     * Returns the disk that a command makes.
     *
     * @param owned whether the command says that the disk ends with the connection
     */
    RemoteDisk made(Command<Reply.Disk> command, boolean owned) throws DiskException {
        LineChannel wire = null;
        try {
            wire = greet();
            DiskInfo info =
                    DiskInfo.parse(wire.call(command, LONG_CALL_LIMIT, false).fields());
            RemoteDisk disk = new RemoteDisk(this, owned ? wire : null, info);
            if (owned) {
                owners.add(wire);
                wire = null;
            }
            return disk;
        } catch (IOException e) {
            throw translated(e);
        } finally {
            if (wire != null) {
                closeQuietly(wire);
            }
        }
    }

    private LineChannel borrow() throws DiskException {
        if (closed) {
            throw new DiskException("this connection to the disk server has been closed");
        }
        LineChannel wire = idle.poll();
        try {
            return wire != null ? wire : greet();
        } catch (IOException e) {
            throw translated(e);
        }
    }

    private void giveBack(LineChannel wire) {
        idle.push(wire);
        if (closed) {
            close();
        }
    }

    private LineChannel greet() throws IOException {
        LineChannel wire = LineChannel.connect(socket);
        try {
            hello(wire);
            return wire;
        } catch (IOException e) {
            closeQuietly(wire);
            throw e;
        }
    }

    /**
     * Says which version of the protocol this client speaks. A server of the first version does not know the word for it, and
     * refuses it; asked again without, it tells its process, which the message names.
     */
    private static void hello(LineChannel wire) throws IOException {
        long pid = ProcessHandle.current().pid();
        Reply.Greeting server;
        try {
            server = wire.call(new SessionCommand.Hello(pid, Version.PROTOCOL), CALL_LIMIT, true);
        } catch (DiskException refused) {
            if (!refused.getMessage().contains("'protocol'")) {
                throw refused;
            }
            server = wire.call(new SessionCommand.Hello(pid, Version.FIRST_PROTOCOL), CALL_LIMIT, true);
        }
        if (server.protocol() != Version.PROTOCOL) {
            throw new OtherBuildException(server.protocol(), server.pid());
        }
    }

    private DiskException translated(IOException e) {
        if (e instanceof DiskException known) {
            return known;
        }
        boolean dead = e instanceof EOFException
                || e instanceof SocketException
                || e instanceof ClosedChannelException
                || e.getMessage() != null && e.getMessage().matches("(?i).*(broken pipe|connection reset).*");
        return dead ? obituary.apply(e) : new DiskException(e.getMessage(), e);
    }

    private static void closeQuietly(LineChannel wire) {
        try {
            wire.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket does not close", e);
        }
    }
}
