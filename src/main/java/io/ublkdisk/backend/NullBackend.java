package io.ublkdisk.backend;

import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Request;

/** A disk that does nothing, at once: reads answer whatever the buffer holds. To measure what the way to a backend costs. */
public final class NullBackend implements Backend {
    private final long sizeBytes;

    public NullBackend(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void submit(Request request) {
        request.complete();
    }
}
