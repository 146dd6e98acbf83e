package io.ublkdisk.cli;

import io.ublkdisk.server.session.CommandLineRunner;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import picocli.CommandLine;

/**
 * The commands that a running server does for a shell, in its JVM, which is warm: by the same code that a JVM of the shell's
 * own would run, so the output is the same. Only commands that need neither files of the caller nor its mount namespace nor its
 * terminal.
 */
final class ServedCommands implements CommandLineRunner {
    /** The stub {@code ublkdisk.sh} has the same list; {@code ServedCommandsTest} compares them. */
    static final Set<String> NAMES = Set.of(
            "list",
            "fault",
            "rules",
            "clear",
            "stats",
            "unflushed",
            "power-cut",
            "power-on",
            "mark",
            "release",
            "snapshot",
            "damage");

    /** A command line takes milliseconds to make, and holds the values of one run at a time. */
    private final ConcurrentLinkedQueue<CommandLine> idle = new ConcurrentLinkedQueue<>();

    @Override
    public int run(List<String> words, PrintWriter out, PrintWriter err) {
        if (words.isEmpty() || !NAMES.contains(words.get(0))) {
            return NOT_HERE;
        }
        CommandLine line;
        try {
            CommandLine spare = idle.poll();
            line = spare == null ? Ublkdisk.commandLine() : spare;
        } catch (NoClassDefFoundError e) {
            // The server of a test has no more on its class path than a server needs.
            return NOT_HERE;
        }
        line.setOut(out).setErr(err);
        int status = line.execute(words.toArray(String[]::new));
        idle.add(line);
        return status;
    }
}
