package io.ublkdisk.link;

import io.ublkdisk.block.Request;
import io.ublkdisk.cache.RequestState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes that rules delay or hold, so that a power cut finds them. They are not acknowledged, so after the cut they may be on the
 * disk, or not, or half. Requests that no rule touches pass through the drive at once and are never here.
 *
 * <p>Either the queue thread of a waiting write goes on with it, or a cut takes it, and not both. As long as a write is here its
 * data stays as it is.
 *
 * <p><b>Threads.</b> Any.
 */
public final class WaitingWrites {
    private final Set<Request> writes = new LinkedHashSet<>();

    synchronized void enter(Request write) {
        writes.add(write);
    }

    /** @return false if a cut has taken it meanwhile: then it is to fail */
    synchronized boolean leave(Request write) {
        return writes.remove(write);
    }

    /** Shows the writes that would go on to the disk, the longest waiting first. */
    synchronized <T> T show(Function<List<Request>, T> look) {
        return look.apply(writes.stream().filter(WaitingWrites::wouldArrive).toList());
    }

    /** Shows them as {@link #show} does, and takes all. */
    synchronized <T> T take(Function<List<Request>, T> cut) {
        T result = show(cut);
        writes.clear();
        return result;
    }

    private static boolean wouldArrive(Request write) {
        RequestState state = RequestState.of(write);
        return !state.decision().failed() && !state.decision().reroutes();
    }
}
