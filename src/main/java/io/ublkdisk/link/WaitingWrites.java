package io.ublkdisk.link;

import io.ublkdisk.block.Request;
import io.ublkdisk.disk.RequestState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes that rules delay or hold, so that a power cut finds them: nobody was promised anything about them, and so they may be
 * on the disk, not, or half. Requests that no rule touches pass through the drive at once and are never here.
 *
 * <p>Whoever has the monitor decides what becomes of a waiting write: either its queue thread goes on with it, or a cut takes
 * it, and not both. As long as it is here its data stays as it is. Any thread.
 */
public final class WaitingWrites {
    private final Set<Request> writes = new LinkedHashSet<>();

    public synchronized void enter(Request write) {
        writes.add(write);
    }

    /** @return false if a cut has taken it meanwhile: then it is to fail */
    public synchronized boolean leave(Request write) {
        return writes.remove(write);
    }

    /** Those that would go on to the disk, the longest waiting first. Under the monitor, as long as one looks at their data. */
    public List<Request> writes() {
        return writes.stream().filter(WaitingWrites::wouldArrive).toList();
    }

    private static boolean wouldArrive(Request write) {
        RequestState flight = RequestState.of(write);
        return !flight.decision.failed() && !flight.decision.reroutes();
    }

    /** A cut has taken them. */
    public synchronized void clear() {
        writes.clear();
    }
}
