package io.ublkdisk.junit.engine.process;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** Runs a program on a thread of its own, for no longer than it may take. */
public final class TimeLimitedRun {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int FRAMES = 20;

    private TimeLimitedRun() {}

    /** What is run. */
    public interface Program {
        public void run() throws Throwable;
    }

    /**
     * Runs it and waits for its end.
     *
     * @param name of the program, for the thread and the message
     * @param release called before a program that takes too long is interrupted: sees to it that the disk holds no request
     * @throws Throwable what the program throws; an AssertionError with the place where it stands if it takes too long
     */
    public static void run(String name, Duration limit, Runnable release, Program program) throws Throwable {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        program.run();
                    } catch (Throwable failure) {
                        thrown.set(failure);
                    }
                },
                "ublkdisk crash test: " + name);
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(limit.toMillis());
            if (thread.isAlive()) {
                String stack = stack(thread);
                end(thread, release);
                throw new AssertionError(name + " has not ended within " + limit.toSeconds()
                        + " s (runLimitSeconds); it stood at" + stack
                        + (thread.isAlive() ? "\n  It did not end when it was interrupted, and was left behind." : ""));
            }
        } catch (InterruptedException e) {
            end(thread, release);
            throw e;
        }
        if (thrown.get() != null) {
            throw thrown.get();
        }
    }

    private static void end(Thread thread, Runnable release) throws InterruptedException {
        release.run();
        thread.interrupt();
        thread.join(GRACE.toMillis());
    }

    private static String stack(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .limit(FRAMES)
                .map(frame -> "\n    " + frame)
                .collect(Collectors.joining());
    }
}
