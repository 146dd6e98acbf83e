package io.ublkdisk.junit;

import io.ublkdisk.block.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program of its own that a test runs with its files on a disk: a database server, say, which the test kills and starts again.
 *
 * <pre>{@code
 * Daemon redis = Daemon.on(disk, "redis-server", "--port", "7777", "--appendonly", "yes")
 *         .user("redis")
 *         .folder("redis")
 *         .readyWhenItSays("Ready to accept connections");
 * redis.start();
 * …
 * disk.powerOff();
 * redis.kill();
 * disk.powerOn();
 * redis.start();
 * }</pre>
 *
 * <p>When the test ends, what is left of the program is killed, before its disk goes. Everything that waits has a limit, see {@link
 * #within}. Thread safe, but the settings are for one thread, before {@link #start}.
 */
public final class Daemon implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    /** What is killed is gone at once, unless it waits in the kernel. */
    private static final Duration KILL_LIMIT = Duration.ofSeconds(30);

    private static final int LINES_KEPT = 200;
    private static final int LINES_SHOWN = 10;

    /** Whether it is ready. */
    private interface Probe {
        boolean holds() throws IOException, InterruptedException;
    }

    private final List<String> command;
    private final Path base;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Deque<String> output = new ArrayDeque<>();
    private String user;
    private Path folder;
    private Duration limit = Duration.ofSeconds(60);
    private Probe ready = () -> true;
    private String readiness = "it was started";
    private volatile String awaited;
    private volatile boolean said;
    /** Null before the first start. */
    private volatile ProcessFamily family;

    private Daemon(Path base, String... command) {
        if (command.length == 0 || command[0].isBlank()) {
            throw new IllegalArgumentException(
                    "a daemon needs a command; name its program and arguments, each a string");
        }
        this.command = List.of(command);
        this.base = base;
        this.folder = base;
    }

    /**
     * Describes a program whose files are on that disk, which it may not outlive. It runs in the disk's mount point, or in a {@link
     * #folder} of it.
     *
     * @throws IllegalStateException if the disk is not mounted
     */
    public static Daemon on(Disk disk, String... command) {
        Daemon daemon = new Daemon(disk.mountPoint(), command);
        DiskHandle.of(disk).daemons().add(daemon);
        return daemon;
    }

    /** Describes a program that runs in that folder, of a crash state for instance; the caller closes it. */
    public static Daemon in(Path folder, String... command) {
        return new Daemon(folder, command);
    }

    /** Runs it as that user of this machine, who must exist; for that the test must be root. */
    public Daemon user(String name) {
        user = name;
        return this;
    }

    /** Runs it in that folder under the mount point, which is made if it is not there, and belongs to the {@link #user} then. */
    public Daemon folder(String name) {
        folder = base.resolve(name);
        return this;
    }

    /** Gives it that variable, beside those of the test. */
    public Daemon environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Lets {@link #start} wait until a line of its output, standard or error, contains that text. */
    public Daemon readyWhenItSays(String text) {
        awaited = text;
        ready = () -> said;
        readiness = "a line of its output contained \"" + text + "\"";
        return this;
    }

    /** Lets {@link #start} wait until that port of this machine takes a connection. */
    public Daemon readyWhenPortAnswers(int port) {
        ready = () -> answers(port);
        readiness = "port " + port + " took a connection";
        return this;
    }

    /** Lets {@link #start} wait until that command, run again and again, ends with exit status 0. */
    public Daemon readyWhen(String... probe) {
        ready = () -> ProcessFamily.succeeds(limit, probe);
        readiness = "\"" + String.join(" ", probe) + "\" succeeded";
        return this;
    }

    /** Sets how long it may take to be ready, and to stop; 60 s if nothing else is said. */
    public Daemon within(Duration wanted) {
        if (wanted.isNegative() || wanted.isZero()) {
            throw new IllegalArgumentException("a daemon cannot be ready within " + wanted + "; allow it some seconds");
        }
        limit = wanted;
        return this;
    }

    /**
     * Starts it, again if it has ended, and returns when it is ready.
     *
     * @throws IOException if it cannot be started, or ends or is not ready in time, with its last lines; nothing of it is left then
     * @throws IllegalStateException if it runs
     */
    public synchronized Daemon start() throws IOException {
        if (isAlive()) {
            throw new IllegalStateException(this + " runs already; kill() or stop() it first");
        }
        said = false;
        synchronized (output) {
            output.clear();
        }
        ProcessFamily started = ProcessFamily.start(command, folder, user, environment);
        family = started;
        Thread reader = new Thread(() -> read(started), "ublkdisk-daemon-" + started.pid());
        reader.setDaemon(true);
        reader.start();
        long end = Clock.nanos() + limit.toNanos();
        try {
            while (!ready.holds()) {
                if (!started.isAlive()) {
                    TimeUnit.NANOSECONDS.timedJoin(reader, POLL.toNanos() * 10);
                    throw failed("ended with exit status " + started.exitStatus() + " before " + readiness);
                }
                if (Clock.nanos() - end > 0) {
                    throw failed("was not ready within " + limit.toMillis() + " ms: it was to be when " + readiness);
                }
                TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + this + " to be ready", e);
        }
        return this;
    }

    private IOException failed(String how) throws IOException {
        String text = this + " " + how + lastLines();
        kill();
        return new IOException(text);
    }

    private String lastLines() {
        List<String> lines = output();
        int from = Math.max(0, lines.size() - LINES_SHOWN);
        return lines.isEmpty()
                ? "; it has said nothing"
                : "; its last lines:\n  " + String.join("\n  ", lines.subList(from, lines.size()));
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void read(ProcessFamily of) {
        try (BufferedReader lines = of.output()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.add(line);
                    if (output.size() > LINES_KEPT) {
                        output.remove();
                    }
                }
                if (awaited != null && line.contains(awaited)) {
                    said = true;
                }
            }
        } catch (IOException | UncheckedIOException closed) {
            // It was killed, and its output with it.
        }
    }

    /** Returns the process id of the program. @throws IllegalStateException if it was never started */
    public long pid() {
        return family().pid();
    }

    private ProcessFamily family() {
        ProcessFamily now = family;
        if (now == null) {
            throw new IllegalStateException(this + " was not started; start() it first");
        }
        return now;
    }

    /** Returns whether the program runs. */
    public boolean isAlive() {
        ProcessFamily now = family;
        return now != null && now.isAlive();
    }

    /** Returns the last lines that it has written since it was started, to standard output and error; 200 at most. */
    public List<String> output() {
        synchronized (output) {
            return new ArrayList<>(output);
        }
    }

    /**
     * Kills it and all processes that it has started, as {@code kill -9} does, and returns when they are gone. Does nothing if there is
     * none.
     *
     * @throws IllegalStateException if one is not gone in time: it waits for the disk; see {@link Faults#release()}, {@link
     *     Faults#clear()} and {@link Disk#powerOff()}
     */
    public synchronized void kill() {
        ProcessFamily now = family;
        if (now != null && !now.kill(KILL_LIMIT)) {
            throw new IllegalStateException(this + " is killed and not gone after " + KILL_LIMIT.toSeconds()
                    + " s: it waits in the kernel, for the disk perhaps; release what rules hold, or cut the power");
        }
    }

    /**
     * Asks it to end (SIGTERM) and returns when it has; kills what it leaves behind.
     *
     * @return its exit status
     * @throws IOException if it has not ended in time; it is killed then
     */
    public synchronized int stop() throws IOException {
        ProcessFamily now = family();
        if (!now.terminate(limit)) {
            throw failed("did not stop within " + limit.toMillis() + " ms");
        }
        kill();
        return now.exitStatus();
    }

    /** Kills it. */
    @Override
    public void close() {
        kill();
    }

    /** Returns how it is, with its last lines, for a report. */
    String report() {
        ProcessFamily now = family;
        return this
                + (now == null
                        ? " was not started"
                        : now.isAlive() ? " runs" : " has ended with exit status " + now.exitStatus())
                + lastLines();
    }

    @Override
    public String toString() {
        ProcessFamily now = family;
        return "daemon " + Path.of(command.get(0)).getFileName() + (now == null ? "" : " (process " + now.pid() + ")");
    }
}
