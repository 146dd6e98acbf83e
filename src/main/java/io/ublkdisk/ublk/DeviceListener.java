package io.ublkdisk.ublk;

import io.ublkdisk.block.Request;

/** Is told what goes on behind the kernel's back. Called on queue threads: be quick, throw nothing. */
public interface DeviceListener {
    DeviceListener NONE = new DeviceListener() {};

    /** Tells that the backend threw. The request has ended with EIO, unless it had been completed before. */
    default void backendThrew(Request request, Throwable thrown) {}

    /** Tells that a queue ended by an error of its own; the kernel stops the device. */
    default void queueFailed(int queueId, Throwable thrown) {}

    /**
     * Tells that the device stopped although no thread called {@link UblkDevice#stop}: another process did, or a queue
     * failed.
     */
    default void stoppedFromOutside() {}

    /**
     * Tells that a thread of a queue is about to give its tags to the driver, with which its service begins. Throwing fails
     * the start.
     */
    default void fetching(int queueId) {}

    /** Tells that the driver has the tags of that thread. */
    default void fetched(int queueId) {}
}
