package io.ublkdisk.server.process;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.DiskException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A shell that is kept in the mount namespace of a process, and runs one command after the other there. It is for commands
 * that run many times a second: to start a process from a JVM and to enter a namespace would cost more than the command.
 * Like a {@link Tool} it is a process of its own, so what hangs in the kernel is not this server; it ends with it.
 */
public final class Shell implements AutoCloseable {
    /** No program prints this, and the status stands behind it. */
    private static final String END = "ublkdisk-status-\u0001 ";

    private final Process process;
    private final OutputStream input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** What a command did. */
    public record Ended(int status, String said) {}

    public Shell(long clientPid) throws DiskException {
        ProcessBuilder builder = new ProcessBuilder("nsenter", "--mount=/proc/" + clientPid + "/ns/mnt", "sh")
                .redirectErrorStream(true)
                .directory(Path.of("/").toFile());
        builder.environment().put("LC_ALL", "C");
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new DiskException(
                    "nsenter cannot be run (" + e.getMessage() + "); it is in the package util-linux", e);
        }
        input = process.getOutputStream();
        TimeLimitedTask.start("ublkdisk-shell", () -> {
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    lines.add(line);
                }
            }
            lines.add(END + "gone");
            return true;
        });
    }

    /** Returns whether it can run commands. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Runs a command, and waits for it.
     *
     * @throws DiskException if it takes longer than that; the shell is of no use then
     */
    public synchronized Ended run(Duration limit, List<String> command) throws DiskException {
        String line = command.stream().map(Shell::quoted).collect(Collectors.joining(" "))
                + " </dev/null; printf '\\n%s%d\\n' '" + END + "' $?\n";
        StringBuilder said = new StringBuilder();
        long end = Clock.nanos() + limit.toNanos();
        try {
            input.write(line.getBytes(StandardCharsets.UTF_8));
            input.flush();
            while (true) {
                String next = lines.poll(end - Clock.nanos(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    close();
                    throw new DiskException(String.join(" ", command) + " takes longer than " + limit.toSeconds()
                            + " s; is a request of the disk held? Clear its rules");
                }
                if (next.startsWith(END)) {
                    return new Ended(
                            status(next.substring(END.length())),
                            said.toString().strip());
                }
                said.append(next).append('\n');
            }
        } catch (IOException e) {
            throw new DiskException("the shell that mounts is gone: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DiskException("interrupted in " + String.join(" ", command), e);
        }
    }

    private static int status(String text) throws DiskException {
        if (text.equals("gone")) {
            throw new DiskException("the shell that mounts was ended from outside");
        }
        return Integer.parseInt(text);
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
