package io.ublkdisk.link;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Stage;
import io.ublkdisk.fault.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Requests that rules have parked, until a test or command lets them go. Any thread. */
final class HeldRequests {
    /** A request, the rule that holds it, and since when. */
    private record Parked(Request request, Rule rule, long sinceNanos) {
        HeldRequest shown() {
            return new HeldRequest(
                    request.operation(),
                    request.flags(),
                    request.sector(),
                    Sectors.toBytes(request.sectorCount()),
                    Duration.ofNanos(Clock.nanos() - sinceNanos));
        }
    }

    private final List<Parked> parked = new ArrayList<>();
    private boolean ended;

    /** @return false if nothing is held any more: the request is to go on at once */
    synchronized boolean park(Request request, Rule rule) {
        if (ended) {
            return false;
        }
        parked.add(new Parked(request, rule, Clock.nanos()));
        notifyAll();
        return true;
    }

    /** Ends holding: from now on nothing is held. Held requests have still to be released. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /**
     * Returns the requests that a rule of that name holds. They stay as they are while this looks, since no thread lets them go
     * meanwhile.
     */
    synchronized List<HeldRequest> requests(String rule) {
        return parked.stream()
                .filter(p -> p.rule.name().equals(rule))
                .map(Parked::shown)
                .toList();
    }

    /** Waits until that rule holds a request. @return how many it holds; 0 when the time is up */
    synchronized int await(String rule, Duration limit) throws InterruptedException {
        long start = Clock.nanos();
        int count = requests(rule).size();
        while (count == 0 && !ended) {
            long leftMillis = limit.toMillis() - TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - start);
            if (leftMillis <= 0) {
                return 0;
            }
            wait(leftMillis);
            count = requests(rule).size();
        }
        return count;
    }

    /** Releases all: each goes on with that stage, on its own queue thread. @return how many there were */
    int release(Stage next) {
        return release(rule -> true, next);
    }

    /** Releases the requests of the rule with that name. */
    int release(String name, Stage next) {
        return release(rule -> rule.name().equals(name), next);
    }

    /** Releases the requests of such rules. The rules' own lock is never taken under the lock of this object. */
    int release(Predicate<Rule> which, Stage next) {
        List<Request> released = new ArrayList<>();
        for (Parked one : snapshot()) {
            if (which.test(one.rule) && take(one)) {
                released.add(one.request);
            }
        }
        released.forEach(request -> request.runAt(Clock.nanos(), next));
        return released.size();
    }

    private synchronized List<Parked> snapshot() {
        return List.copyOf(parked);
    }

    /** Returns whether it was there, and is not any more. */
    private synchronized boolean take(Parked wanted) {
        for (Iterator<Parked> all = parked.iterator(); all.hasNext(); ) {
            if (all.next() == wanted) {
                all.remove();
                return true;
            }
        }
        return false;
    }
}
