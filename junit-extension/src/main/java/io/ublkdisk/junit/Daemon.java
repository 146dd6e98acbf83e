package io.ublkdisk.junit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apiguardian.api.API;

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
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface Daemon extends AutoCloseable {
    /**
     * Describes a program whose files are on that disk, which it may not outlive. It runs in the disk's mount point, or in a {@link
     * #folder} of it.
     *
     * @throws IllegalStateException if the disk is not mounted
     */
    static Daemon on(Disk disk, String... command) {
        return Engines.ENGINE.daemon(disk, command);
    }

    /** Describes a program that runs in that folder, of a crash state for instance; the caller closes it. */
    static Daemon in(Path folder, String... command) {
        return Engines.ENGINE.daemon(folder, command);
    }

    /** Runs it as that user of this machine, who must exist; for that the test must be root. */
    Daemon user(String name);

    /** Runs it in that folder under the mount point, which is made if it is not there, and belongs to the {@link #user} then. */
    Daemon folder(String name);

    /** Gives it that variable, beside those of the test. */
    Daemon environment(String name, String value);

    /** Lets {@link #start} wait until a line of its output, standard or error, contains that text. */
    Daemon readyWhenItSays(String text);

    /** Lets {@link #start} wait until that port of this machine takes a connection. */
    Daemon readyWhenPortAnswers(int port);

    /** Lets {@link #start} wait until that command, run again and again, ends with exit status 0. */
    Daemon readyWhen(String... probe);

    /** Sets how long it may take to be ready, and to stop; 60 s if nothing else is said. */
    Daemon within(Duration wanted);

    /**
     * Starts it, again if it has ended, and returns when it is ready.
     *
     * @throws IOException if it cannot be started, or ends or is not ready in time, with its last lines; nothing of it is left then
     * @throws IllegalStateException if it runs
     */
    Daemon start() throws IOException;

    /** Returns the process id of the program. @throws IllegalStateException if it was never started */
    long pid();

    /** Returns whether the program runs. */
    boolean isAlive();

    /** Returns the last lines that it has written since it was started, to standard output and error; 200 at most. */
    List<String> output();

    /**
     * Kills it and all processes that it has started, as {@code kill -9} does, and returns when they are gone. Does nothing if there is
     * none.
     *
     * @throws IllegalStateException if one is not gone in time: it waits for the disk; see {@link Faults#release()}, {@link
     *     Faults#clear()} and {@link Disk#powerOff()}
     */
    void kill();

    /**
     * Asks it to end (SIGTERM) and returns when it has; kills what it leaves behind.
     *
     * @return its exit status
     * @throws IOException if it has not ended in time; it is killed then
     */
    int stop() throws IOException;

    /** Kills it. */
    @Override
    void close();
}
