package io.ublkdisk.disk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import java.util.ArrayList;
import java.util.List;

/** Requests that a rule has parked, until somebody lets them go. Any thread. */
final class Held {
    private final List<Request> requests = new ArrayList<>();
    private boolean ended;

    /** @return false if nothing is held any more: the request is to go on at once */
    synchronized boolean park(Request request) {
        return !ended && requests.add(request);
    }

    /** From now on nothing is held. Those that are have still to be released. */
    synchronized void end() {
        ended = true;
    }

    /** Each goes on with that stage, on its own queue thread. @return how many there were */
    int release(Stage next) {
        List<Request> released;
        synchronized (this) {
            released = List.copyOf(requests);
            requests.clear();
        }
        released.forEach(request -> request.runAt(Clock.nanos(), next));
        return released.size();
    }
}
