package io.ublkdisk.control;

import io.ublkdisk.kernel.KernelFaults;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A disk server in a process and a mount namespace of its own, started by this process and gone after it. A process of its
 * own because a page fault on a mapped file of a disk, in the JVM that also serves the disk, stops that JVM for good; a
 * namespace because a process that is the last to see a mount of its own disk cannot exit.
 *
 * <p>Thread safe. When the server dies, every call on {@link #connection()} and on its disks throws a {@link
 * ServerDiedException} with the reason.
 */
public final class ServerProcess implements AutoCloseable {
    /** A JVM on an emulated processor takes its time. */
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private static final Duration EXIT_LIMIT = Duration.ofSeconds(20);
    private static final String READY = "ready ";

    private static ServerProcess shared;

    private final Process process;
    private final Supplier<List<String>> errors;
    private final ServerConnection connection;
    private final Set<Consumer<ServerDiedException>> mourners = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private ServerProcess(Process process, Supplier<List<String>> errors, Path socket) throws IOException {
        this.process = process;
        this.errors = errors;
        this.connection = ServerConnection.open(socket, this::obituary);
        process.onExit().thenRunAsync(this::announceDeath);
    }

    /**
     * Returns the one server of this JVM, started by the first call; a new one if that has died meanwhile. It takes its disks
     * down and ends when this JVM does.
     *
     * @throws DiskException if it cannot run here, with what is missing and the way out
     */
    public static synchronized ServerProcess shared() throws DiskException {
        if (shared == null || !shared.process.isAlive()) {
            ServerProcess started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::close, "ublkdisk-server-end"));
            shared = started;
        }
        return shared;
    }

    /** Returns a server of one's own; {@link #close()} ends it. */
    public static ServerProcess start() throws DiskException {
        return start(null);
    }

    /**
     * Returns a server that outlives this process as long as it has disks: what it writes goes to that file, which it deletes
     * in the end.
     */
    public static ServerProcess startDetached(Path log) throws DiskException {
        return start(log);
    }

    /** Returns what to talk to. */
    public ServerConnection connection() {
        return connection;
    }

    /** Returns its process id. */
    public long pid() {
        return process.pid();
    }

    /** Returns whether the process is running. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Calls that, from another thread, when the server dies, or at once if it has; not when {@link #close()} ends it. It
     * may be called twice.
     */
    public void onDeath(Consumer<ServerDiedException> mourner) {
        mourners.add(mourner);
        if (!process.isAlive()) {
            ForkJoinPool.commonPool().execute(this::announceDeath);
        }
    }

    /** Undoes {@link #onDeath}. */
    public void offDeath(Consumer<ServerDiedException> mourner) {
        mourners.remove(mourner);
    }

    private void announceDeath() {
        if (!closed && !mourners.isEmpty()) {
            ServerDiedException death = obituary(new EOFException("the process ended"));
            mourners.forEach(mourner -> mourner.accept(death));
        }
    }

    /** Kills it as {@code kill -9} does, and waits until it is gone: for tests of what happens then. */
    public void kill() {
        process.destroyForcibly();
        awaitExit(EXIT_LIMIT);
    }

    /** Hangs up and waits, bounded, until the server has taken its disks down and is gone; one that stays is killed. */
    @Override
    public void close() {
        closed = true;
        connection.close();
        if (!awaitExit(EXIT_LIMIT)) {
            process.destroyForcibly();
        }
    }

    private static ServerProcess start(Path log) throws DiskException {
        Readiness.check();
        StateFolder.ofUser().create();
        List<String> arguments = log == null ? List.of() : List.of("--log", log.toString());
        ProcessBuilder builder = new ProcessBuilder(ServerCommand.of(arguments)).directory(new File("/"));
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        if (KernelFaults.overridden()) {
            builder.environment().put(KernelFaults.OVERRIDE, "true");
        }
        // A JVM reads names of files as its locale says, and ours are UTF-8.
        builder.environment().put("LC_ALL", "C.UTF-8");
        if (log != null) {
            builder.redirectError(log.toFile());
        }
        try {
            Process process = builder.start();
            LastLines errors = new LastLines("ublkdisk-server-errors", process.getErrorStream(), line -> {});
            return greet(process, log == null ? () -> errors.await(1000) : () -> lines(log));
        } catch (IOException e) {
            throw e instanceof DiskException known
                    ? known
                    : new DiskException("the disk server cannot be started: " + e.getMessage(), e);
        }
    }

    private static ServerProcess greet(Process process, Supplier<List<String>> errors) throws IOException {
        CompletableFuture<Path> socket = new CompletableFuture<>();
        LastLines output = new LastLines("ublkdisk-server-output", process.getInputStream(), line -> {
            if (line.startsWith(READY)) {
                socket.complete(Path.of(line.substring(READY.length())));
            }
        });
        process.onExit().thenRun(() -> {
            output.await(1000);
            socket.completeExceptionally(new IOException("it ended"));
        });
        try {
            return new ServerProcess(process, errors, socket.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new DiskException(
                    "the disk server was not ready within " + START_LIMIT.toSeconds() + " s" + last(errors), e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new DiskException("interrupted while the disk server started", e);
        } catch (ExecutionException e) {
            throw new DiskException("the disk server did not start: " + ending(process) + last(errors), e.getCause());
        }
    }

    private ServerDiedException obituary(IOException cause) {
        boolean ended = awaitExit(Duration.ofSeconds(5));
        String what = ended
                ? "ended with " + ending(process) + last(errors)
                : "does not answer, though its process is there: " + cause.getMessage();
        return new ServerDiedException("the disk server (process " + process.pid() + ") " + what, cause);
    }

    private boolean awaitExit(Duration limit) {
        boolean interrupted = Thread.interrupted();
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
            return !process.isAlive();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String ending(Process process) {
        if (process.isAlive()) {
            return "no exit status yet";
        }
        int status = process.exitValue();
        return "exit status " + status + (status > 128 && status < 160 ? " (signal " + (status - 128) + ")" : "");
    }

    private static List<String> lines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.subList(Math.max(0, lines.size() - LastLines.LIMIT), lines.size());
        } catch (IOException e) {
            return List.of("(" + log + " cannot be read: " + e + ")");
        }
    }

    private static String last(Supplier<List<String>> errors) {
        List<String> lines = errors.get();
        return lines.isEmpty()
                ? "; it wrote nothing"
                : "; the last lines that it wrote:\n  " + String.join("\n  ", lines);
    }
}
