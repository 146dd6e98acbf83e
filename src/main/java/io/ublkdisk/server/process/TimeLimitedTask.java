package io.ublkdisk.server.process;

import io.ublkdisk.block.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Something that may hang in the kernel, done on a platform thread of its own so that waiting for it can have a bound. What
 * does not come back stays behind as a daemon, and whatever it waits for can still be let go.
 */
public final class TimeLimitedTask<T> {
    private final Thread thread;
    private volatile T result;
    private volatile Exception problem;

    private TimeLimitedTask(String name, Callable<T> work) {
        thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.start();
    }

    public static <T> TimeLimitedTask<T> start(String name, Callable<T> work) {
        return new TimeLimitedTask<>(name, work);
    }

    /** Returns whether it is done, waiting that long at most. */
    public boolean await(Duration limit) {
        boolean interrupted = false;
        long end = Clock.nanos() + limit.toNanos();
        for (long left = limit.toNanos(); left > 0 && thread.isAlive(); left = end - Clock.nanos()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Returns what it returned or threw; only after {@link #await} has said that it is done. */
    public T result() throws Exception {
        if (problem != null) {
            throw problem;
        }
        return result;
    }

    /** {@link #result} of something that cannot throw, or has gone wrong in an unexpected way. */
    T answer() {
        try {
            return result();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks again and again, some milliseconds apart, whether something is so; false when the limit is over. */
    public static boolean until(Duration limit, BooleanSupplier condition) {
        long end = Clock.nanos() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (Clock.nanos() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return true;
    }

    private void run(Callable<T> work) {
        try {
            result = work.call();
        } catch (Exception | Error e) {
            problem = e instanceof Exception known ? known : new IllegalStateException(e);
        }
    }
}
