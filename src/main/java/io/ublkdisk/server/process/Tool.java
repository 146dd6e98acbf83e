package io.ublkdisk.server.process;

import io.ublkdisk.control.DiskException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program of the system that does something with a disk that this server serves: mkfs, mount, umount.
 *
 * <p>It is a process of its own, because no thread of a server may wait in the kernel for a disk that this server serves.
 * When a server is killed, the kernel gives its rings and mappings back only after its last thread is gone, and only then
 * fails the requests in flight. A thread that waits for such a request waits for itself, and only a reboot ends that. (Seen
 * on Linux 6.12, with a thread in {@code umount2}.) A process of its own gets its error and ends.
 */
public final class Tool {
    private final List<String> command;
    private final Process process;
    private final TimeLimitedTask<String> output;

    private Tool(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.output = TimeLimitedTask.start("ublkdisk-tool", () -> {
            try (InputStream stream = process.getInputStream()) {
                String said = new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
                process.waitFor();
                return said;
            }
        });
    }

    /** @throws DiskException if there is no such program */
    public static Tool start(List<String> command) throws DiskException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Its messages are looked at here, and its current folder must not be on a disk.
        builder.environment().put("LC_ALL", "C");
        builder.directory(Path.of("/").toFile());
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new Tool(command, process);
        } catch (IOException e) {
            throw new DiskException(
                    command.get(0) + " cannot be run (" + e.getMessage() + "); it is in the package util-linux", e);
        }
    }

    /** Returns whether it has ended, waiting that long at most. */
    public boolean await(Duration limit) {
        return output.await(limit);
    }

    /** Returns whether it has ended, and well. */
    public boolean succeeded() {
        return output.await(Duration.ZERO) && process.exitValue() == 0;
    }

    /** Returns all that it wrote, once it has ended. */
    public String said() {
        return output.await(Duration.ZERO) ? output.answer() : "";
    }

    public void kill() {
        process.destroyForcibly();
    }

    /**
     * Waits for its good end.
     *
     * @throws DiskException if it fails or takes longer
     */
    public void require(Duration limit, String what) throws DiskException {
        if (!await(limit)) {
            throw new DiskException(what + " takes longer than " + limit.toSeconds()
                    + " s; is a request of the disk held? Clear its rules, and it goes on");
        }
        if (!succeeded()) {
            throw new DiskException(
                    what + ": " + this + " ends with exit status " + process.exitValue() + ": " + said());
        }
    }

    @Override
    public String toString() {
        return String.join(" ", command);
    }
}
