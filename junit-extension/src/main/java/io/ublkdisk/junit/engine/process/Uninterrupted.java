package io.ublkdisk.junit.engine.process;

/**
 * Does what must be done with the interrupt flag of the thread cleared, and sets it again afterwards if it was set: a test may end
 * with it, and every file that is read or written with it closes under the reader.
 */
public final class Uninterrupted {
    private Uninterrupted() {}

    public interface Work<T, E extends Throwable> {
        public T run() throws E;
    }

    /** Returns what that returns. */
    public static <T, E extends Throwable> T get(Work<T, E> work) throws E {
        boolean interrupted = Thread.interrupted();
        try {
            return work.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does that. */
    public static void run(Runnable work) {
        get(() -> {
            work.run();
            return null;
        });
    }
}
