package io.ublkdisk.block;

/**
 * What a disk is made of: serves the requests that the kernel sends. Implement this to put one's own storage under a real
 * block device; {@code io.ublkdisk.backend} has ready-made ones, and {@code SimpleBackend} there is the easy start.
 *
 * <p><b>Threads.</b> {@link #submit} is called on the queue thread that owns the request, for several queues at the same
 * time (and for one, if the device has more than one thread per queue). Each request must be completed exactly once: at once, or later, from any thread. As long as one is not, the
 * program above waits, and stopping the device waits for it too.
 */
public interface Backend extends AutoCloseable {

    /** Returns how large the disk is, in bytes. A constant. */
    long sizeBytes();

    /**
     * Serve one request. Must not block the queue thread for longer than all other requests of the queue may wait.
     *
     * @throws Exception becomes {@link BlockStatus#IO} for this request, unless it has been completed; the queue goes on
     */
    void submit(Request request) throws Exception;

    /** Called once, after the last request has completed and the device is gone. */
    @Override
    default void close() {}
}
