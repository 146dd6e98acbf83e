package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.kernel.KernelFaults;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.TimeLimitedTask;
import io.ublkdisk.server.recovery.Orphans;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * A disk server: listens on a socket in the state folder, which only its user can reach, and keeps the disks that it is asked
 * for. It lives as long as a client is connected or it has a disk; the first caller has a minute to come.
 */
public final class Server implements AutoCloseable {
    private static final int CONNECTION_LIMIT = 1024;
    private static final Duration FIRST_CALL_LIMIT = Duration.ofSeconds(60);
    private static final Duration ACCEPT_RETRY = Duration.ofMillis(100);

    private final Disks disks;
    private final CommandLineRunner commandLines;
    private final Path socket;
    private final ServerSocketChannel listener;
    private final UserPrincipal user;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch firstCall = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * Listens in that folder, and clears away what servers that died have left there.
     *
     * @param log takes what is worth knowing beside the answers; one for all servers of the process
     * @throws IOException if it cannot, or if this machine's kernel is refused
     */
    public Server(StateFolder folder, Consumer<String> log) throws IOException {
        this(folder, log, (words, out, err) -> CommandLineRunner.NOT_HERE);
    }

    /**
     * Makes a server as {@link #Server(StateFolder, Consumer)} does, for a process that can run command lines for shells.
     *
     * @param commandLines runs them
     */
    public Server(StateFolder folder, Consumer<String> log, CommandLineRunner commandLines) throws IOException {
        this.commandLines = commandLines;
        Log.to(log);
        refuseFaultyKernel();
        folder.create();
        Orphans.sweepOurs(folder);
        this.disks = new Disks(folder);
        this.user = Files.getOwner(Path.of("/proc/self"));
        this.socket = folder.socket(ProcessHandle.current().pid());
        Files.deleteIfExists(socket);
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket), CONNECTION_LIMIT);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        startThread("ublkdisk-accept", this::accept);
    }

    private static void refuseFaultyKernel() throws DiskException {
        Optional<String> refusal = KernelFaults.refusalHere();
        if (refusal.isPresent()) {
            throw new DiskException(refusal.get());
        }
        KernelFaults.here().ifPresent(Log::say);
    }

    public Path socket() {
        return socket;
    }

    /**
     * Makes a disk without an owner; for a server in the foreground.
     *
     * @return its device
     */
    public Path create(DiskSpec spec) throws IOException {
        firstCall.countDown();
        return disks.create(spec, ProcessHandle.current().pid(), false).info().device();
    }

    /** Loads what the first disk will need, while its client still prepares to ask. */
    public void warmUp() {
        TimeLimitedTask.start("ublkdisk-warm-up", () -> {
            Features.names();
            return disks.rehearse();
        });
    }

    /** Does with a drive what {@link #warmUp} needs, and returns when it is done. */
    public void rehearse() throws IOException, ProtocolException {
        disks.rehearse();
    }

    /** Returns when the server has ended: with its last disk and its last caller, or because it was told to. */
    public void awaitEnd() throws InterruptedException {
        if (!firstCall.await(FIRST_CALL_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            Log.say("no client has connected within " + FIRST_CALL_LIMIT.toSeconds() + " s");
            close();
        }
        ended.await();
    }

    /** Takes all disks down, in short and bounded, and hangs up. Idempotent. */
    @Override
    public void close() {
        stopListening();
        disks.deleteAll();
        for (SocketChannel connection : connections) {
            try {
                connection.close();
            } catch (IOException e) {
                Log.debug("a connection does not close: " + e);
            }
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel connection = listener.accept();
                firstCall.countDown();
                if (isWelcome(connection)) {
                    startThread("ublkdisk-connection", () -> converse(connection));
                }
            } catch (ClosedChannelException e) {
                Log.debug("the server listens no more");
            } catch (IOException e) {
                Log.say("a caller cannot be let in: " + e);
                // Out of descriptors, most likely: a client has to hang up first.
                LockSupport.parkNanos(ACCEPT_RETRY.toNanos());
            }
        }
    }

    /** Asked in the order in which they come. Who is not welcome is told why and is gone. */
    private boolean isWelcome(SocketChannel connection) {
        try {
            Optional<String> refusal = refusal(connection);
            if (refusal.isEmpty()) {
                return connections.add(connection);
            }
            connection.write(StandardCharsets.UTF_8.encode("error " + refusal.get() + "\n"));
            connection.close();
        } catch (IOException e) {
            Log.debug("a caller is gone before his first word: " + e);
        }
        return false;
    }

    private Optional<String> refusal(SocketChannel connection) throws IOException {
        UserPrincipal caller =
                connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!caller.equals(user)) {
            return Optional.of("these are disks of " + user.getName() + ", and you are " + caller.getName());
        }
        return connections.size() >= CONNECTION_LIMIT
                ? Optional.of("too many connections (limit " + CONNECTION_LIMIT + "); close some")
                : Optional.empty();
    }

    private void converse(SocketChannel connection) {
        try (connection) {
            new ClientSession(connection, disks, commandLines).run();
        } catch (IOException e) {
            Log.debug("a connection does not close: " + e);
        } finally {
            connections.remove(connection);
            endIfIdle();
        }
    }

    private synchronized void endIfIdle() {
        if (connections.isEmpty() && disks.isEmpty()) {
            stopListening();
        }
    }

    private synchronized void stopListening() {
        try {
            Files.deleteIfExists(socket);
            listener.close();
        } catch (IOException e) {
            Log.say("the socket " + socket + " stays behind: " + e);
        } finally {
            ended.countDown();
        }
    }

    private static void startThread(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, 256 << 10);
        thread.setDaemon(true);
        thread.start();
    }
}
