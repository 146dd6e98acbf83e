package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import java.time.Duration;

/** Another disk, slower: each request begins that long after it came. No thread sleeps, so requests wait side by side. */
public final class DelayBackend implements Backend {
    private final Backend inner;
    private final long delayNanos;

    /** @param inner is closed with this */
    public DelayBackend(Backend inner, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay " + delay + ": must not be negative");
        }
        this.inner = inner;
        this.delayNanos = delay.toNanos();
    }

    @Override
    public long sizeBytes() {
        return inner.sizeBytes();
    }

    @Override
    public void submit(Request request) {
        request.runAt(Clock.nanos() + delayNanos, inner::submit);
    }

    @Override
    public void close() {
        inner.close();
    }
}
