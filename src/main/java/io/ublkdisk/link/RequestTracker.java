package io.ublkdisk.link;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Request;
import io.ublkdisk.cache.RequestState;

/** Counts what happens to requests and ends them; the drive's. On the thread that has the request. */
public interface RequestTracker {

    /** Rules have something to say about a request that has just arrived. */
    void decided(Request request, RequestState state);

    /** Ends a request. */
    void end(Request request, RequestState state, BlockStatus status);

    /** Tells that a request has thrown. Its owner ends it with {@link BlockStatus#IO}. */
    void threw(Request request, RequestState state);
}
