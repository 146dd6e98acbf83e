package io.ublkdisk.block;

/**
 * Connects a device of the kernel with a backend that outlives it. After {@link #detach} every request of the device fails, and
 * the backend can serve another device.
 *
 * <p><b>Threads.</b> As {@link Backend}; {@code detach} on any thread.
 */
public final class DetachableBackend implements Backend {
    private final Backend backend;
    private volatile boolean detached;

    public DetachableBackend(Backend backend) {
        this.backend = backend;
    }

    /** Fails all requests from now on. Closing this object leaves the backend open then. */
    public void detach() {
        detached = true;
    }

    @Override
    public long sizeBytes() {
        return backend.sizeBytes();
    }

    @Override
    public void submit(Request request) throws Exception {
        if (detached) {
            request.fail(BlockStatus.IO);
        } else {
            backend.submit(request);
        }
    }

    @Override
    public void close() {
        if (!detached) {
            backend.close();
        }
    }
}
