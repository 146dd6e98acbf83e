package io.ublkdisk.block;

/** The one place that reads the time: monotonic nanoseconds with an arbitrary origin, comparable within a process. */
public final class Clock {
    private Clock() {}

    /** Returns nanoseconds of a clock that never goes back. */
    public static long nanos() {
        return System.nanoTime();
    }
}
