package io.ublkdisk.ublk;

/** Where a {@link QueueRequest} goes when its backend lets go of it. Called from any thread. */
interface RequestOwner {
    void finished(QueueRequest request);

    void waiting(QueueRequest request);
}
