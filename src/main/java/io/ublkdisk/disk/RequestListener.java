package io.ublkdisk.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;

/**
 * Is shown every request that a drive serves. It only observes: it must be quick, allocate nothing, and keep nothing of the
 * request.
 *
 * <p><b>Threads.</b> The queue threads, several at a time.
 */
@FunctionalInterface
public interface RequestListener {

    /**
     * Tells that a request has arrived, and nothing has happened to it yet.
     *
     * @return its number, which the drive keeps with it; not 0
     */
    long arrived(Request request);

    /**
     * Tells that a request is about to be ended.
     *
     * @param arrivedNanos when it arrived, by {@link io.ublkdisk.block.Clock}
     * @param epoch how many FLUSHes have arrived so far
     * @param rule the first that touched it; empty for none
     */
    default void ended(Request request, long number, long arrivedNanos, BlockStatus status, long epoch, String rule) {}
}
