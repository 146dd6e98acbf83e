package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.junit.Daemon;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.engine.process.ProcessFamily;
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

/** A {@link Daemon}, as a family of processes. Thread safe; the settings are for one thread, before {@link #start}. */
public final class DaemonProcess implements Daemon {
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

    private DaemonProcess(Path base, String... command) {
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
    public static DaemonProcess on(Disk disk, String... command) {
        DaemonProcess daemon = new DaemonProcess(disk.mountPoint(), command);
        DiskHandle.of(disk).daemons().add(daemon);
        return daemon;
    }

    /** Describes a program that runs in that folder, of a crash state for instance; the caller closes it. */
    public static DaemonProcess in(Path folder, String... command) {
        return new DaemonProcess(folder, command);
    }

    @Override
    public DaemonProcess user(String name) {
        user = name;
        return this;
    }

    @Override
    public DaemonProcess folder(String name) {
        folder = base.resolve(name);
        return this;
    }

    @Override
    public DaemonProcess environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    @Override
    public DaemonProcess readyWhenItSays(String text) {
        awaited = text;
        ready = () -> said;
        readiness = "a line of its output contained \"" + text + "\"";
        return this;
    }

    @Override
    public DaemonProcess readyWhenPortAnswers(int port) {
        ready = () -> answers(port);
        readiness = "port " + port + " took a connection";
        return this;
    }

    @Override
    public DaemonProcess readyWhen(String... probe) {
        ready = () -> ProcessFamily.succeeds(limit, probe);
        readiness = "\"" + String.join(" ", probe) + "\" succeeded";
        return this;
    }

    @Override
    public DaemonProcess within(Duration wanted) {
        if (wanted.isNegative() || wanted.isZero()) {
            throw new IllegalArgumentException("a daemon cannot be ready within " + wanted + "; allow it some seconds");
        }
        limit = wanted;
        return this;
    }

    @Override
    public synchronized DaemonProcess start() throws IOException {
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

    @Override
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

    @Override
    public boolean isAlive() {
        ProcessFamily now = family;
        return now != null && now.isAlive();
    }

    @Override
    public List<String> output() {
        synchronized (output) {
            return new ArrayList<>(output);
        }
    }

    @Override
    public synchronized void kill() {
        ProcessFamily now = family;
        if (now != null && !now.kill(KILL_LIMIT)) {
            throw new IllegalStateException(this + " is killed and not gone after " + KILL_LIMIT.toSeconds()
                    + " s: it waits in the kernel, for the disk perhaps; release what rules hold, or cut the power");
        }
    }

    @Override
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

    /** Returns its state, with its last lines, for a report. */
    public String report() {
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
