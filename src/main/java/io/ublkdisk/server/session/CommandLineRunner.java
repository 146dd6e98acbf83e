package io.ublkdisk.server.session;

import java.io.PrintWriter;
import java.util.List;

/**
 * Runs a command line in the server's JVM, for a shell that would have to start a JVM of its own for it. Called from the
 * threads of several connections at the same time.
 */
@FunctionalInterface
public interface CommandLineRunner {
    /** The answer to a command that this server does not run: the caller runs it itself. */
    int NOT_HERE = -1;

    /**
     * Runs one command to its end.
     *
     * @param words the command and its arguments, without the program's name
     * @return the exit status, 0 to 255, or {@link #NOT_HERE} if nothing was done
     */
    int run(List<String> words, PrintWriter out, PrintWriter err);
}
