package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.DeviceListener;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills this process, as SIGKILL does, when the driver has the tags of the first thread to fetch, and of no other: with two threads
 * for each queue, that is a part of one queue.
 */
final class DyingListener implements DeviceListener {
    private static final long BOUND_NANOS = 60_000_000_000L;

    private final AtomicBoolean begun = new AtomicBoolean();

    @Override
    public void fetching(int queueId) {
        if (begun.getAndSet(true)) {
            LockSupport.parkNanos(BOUND_NANOS);
        }
    }

    @Override
    public void fetched(int queueId) {
        try {
            new ProcessBuilder(
                            "kill",
                            "-KILL",
                            Long.toString(ProcessHandle.current().pid()))
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("kill is not in PATH; install procps or util-linux", e);
        }
        LockSupport.parkNanos(BOUND_NANOS);
    }
}
