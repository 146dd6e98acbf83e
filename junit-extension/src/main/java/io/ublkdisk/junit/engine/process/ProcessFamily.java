package io.ublkdisk.junit.engine.process;

import io.ublkdisk.block.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process and all that it has started, so that all can be killed: its process group, its descendants, and whatever has its marker in
 * the environment, which those have too that went out of both.
 */
public final class ProcessFamily {
    private static final String MARKER = "UBLKDISK_DAEMON";
    private static final Path PROC = Path.of("/proc");
    private static final Duration TOOL_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(10);

    private final Process process;
    private final String marker;

    private ProcessFamily(Process process, String marker) {
        this.process = process;
        this.marker = marker;
    }

    /**
     * Starts it, in a session of its own.
     *
     * @param folder made if it is not there
     * @param user null: this process's
     */
    public static ProcessFamily start(List<String> command, Path folder, String user, Map<String, String> environment)
            throws IOException {
        requireProgram(command.get(0));
        boolean made = !Files.isDirectory(folder);
        Files.createDirectories(folder);
        String marker = UUID.randomUUID().toString();
        List<String> whole = new ArrayList<>(List.of("setsid"));
        ProcessBuilder builder =
                new ProcessBuilder(whole).redirectErrorStream(true).directory(folder.toFile());
        if (user != null) {
            String uid = id("-u", user);
            String gid = id("-g", user);
            if (made) {
                Files.setAttribute(folder, "unix:uid", Integer.parseInt(uid));
                Files.setAttribute(folder, "unix:gid", Integer.parseInt(gid));
            }
            whole.addAll(List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--init-groups", "--"));
            builder.environment().put("USER", user);
            builder.environment().put("LOGNAME", user);
            builder.environment().put("HOME", folder.toString());
        }
        whole.addAll(command);
        builder.environment().putAll(environment);
        builder.environment().put(MARKER, marker);
        Process process = builder.start();
        process.getOutputStream().close();
        return new ProcessFamily(process, MARKER + "=" + marker);
    }

    /** Checks that a program exists; {@code setsid}, which starts it, would say so in its output only. */
    private static void requireProgram(String program) throws IOException {
        String path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        boolean there = program.contains("/")
                ? Files.isExecutable(Path.of(program))
                : Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!there) {
            throw new IOException("no program '" + program + "' can be run here"
                    + (program.contains("/") ? "" : "; it is in no folder of PATH (" + path + ")")
                    + "; install it, or give its whole path");
        }
    }

    private static String id(String option, String user) throws IOException {
        Process id = new ProcessBuilder("id", option, "--", user)
                .redirectErrorStream(true)
                .start();
        String said = new String(id.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!id.waitFor(TOOL_LIMIT.toMillis(), TimeUnit.MILLISECONDS) || id.exitValue() != 0) {
                throw new FileSystemException("no user '" + user + "' of this machine can run a daemon (" + said
                        + "); create that user, name another, or leave user() out");
            }
        } catch (InterruptedException e) {
            id.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking for user '" + user + "'", e);
        }
        return said;
    }

    /** Returns whether that command ends with exit status 0 within the limit. */
    public static boolean succeeds(Duration limit, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the exit status of a program that has ended. */
    public int exitStatus() {
        return process.exitValue();
    }

    public BufferedReader output() {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    /** Asks the first process to end. @return whether it has within the limit */
    public boolean terminate(Duration limit) throws IOException {
        process.destroy();
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for process " + pid() + " to end", e);
        }
    }

    /** Kills all of them. @return whether they are gone within the limit; an interrupt does not end the wait */
    public boolean kill(Duration limit) {
        return Uninterrupted.get(() -> {
            long end = Clock.nanos() + limit.toNanos();
            for (Set<Long> left = members(); !left.isEmpty(); left = members()) {
                signal(left);
                if (Clock.nanos() - end > 0) {
                    return false;
                }
                pause();
            }
            return true;
        });
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the processes that run. A process that has ended and waits for its parent does not. */
    private Set<Long> members() {
        Set<Long> found = new LinkedHashSet<>();
        if (process.isAlive()) {
            found.add(process.pid());
            process.descendants().map(ProcessHandle::pid).forEach(found::add);
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path one : all) {
                if (isMember(one)) {
                    found.add(Long.parseLong(one.getFileName().toString()));
                }
            }
        } catch (IOException noProc) {
            return found;
        }
        return found;
    }

    private boolean isMember(Path one) {
        try {
            // 4711 (name) S parent group …; the name may have any character
            String stat = Files.readString(one.resolve("stat"), StandardCharsets.ISO_8859_1);
            String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            if (words[0].equals("Z") || words[0].equals("X")) {
                return false;
            }
            return words[2].equals(Long.toString(process.pid()))
                    || Files.readString(one.resolve("environ"), StandardCharsets.ISO_8859_1)
                            .contains(marker);
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }

    private static void signal(Set<Long> pids) {
        String all = pids.stream().map(String::valueOf).collect(Collectors.joining(" "));
        try {
            succeeds(TOOL_LIMIT, "sh", "-c", "kill -KILL " + all);
        } catch (IOException e) {
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
