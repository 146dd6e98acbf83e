package io.ublkdisk.block;

/** A part of the way that a request takes: it completes the request, hands it to the next part, or parks it. */
@FunctionalInterface
public interface Stage {
    /**
     * Take the request on. Runs on the queue thread of the request and must not block it.
     *
     * @throws Exception becomes {@link BlockStatus#IO} for this request; the queue goes on
     */
    void run(Request request) throws Exception;
}
