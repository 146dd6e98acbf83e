package io.ublkdisk.backend;

import io.ublkdisk.block.FileIo;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.ZeroCopyBackend;

/**
 * A disk that does nothing, at once: reads answer whatever the buffer holds. To measure what the way to a backend costs. Under a
 * zero-copy data mode that buffer is the reading program's own, as the kernel made it.
 */
public final class NullBackend implements ZeroCopyBackend {
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

    @Override
    public void submit(Request request, FileIo files) {
        request.complete();
    }
}
