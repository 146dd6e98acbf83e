package io.ublkdisk.disk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Requests that rules have parked, until somebody lets them go. Any thread. */
final class Held {
    /** A request and the name of the rule that holds it. */
    private record Parked(Request request, String rule) {}

    private final List<Parked> parked = new ArrayList<>();
    private boolean ended;

    /** @return false if nothing is held any more: the request is to go on at once */
    synchronized boolean park(Request request, String rule) {
        if (ended) {
            return false;
        }
        parked.add(new Parked(request, rule));
        notifyAll();
        return true;
    }

    /** From now on nothing is held. Those that are have still to be released. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** How many that rule holds. */
    synchronized int count(String rule) {
        return (int) parked.stream().filter(p -> p.rule.equals(rule)).count();
    }

    /** Waits until that rule holds a request. @return how many it holds; 0 when the time is up */
    synchronized int await(String rule, Duration limit) throws InterruptedException {
        long start = Clock.nanos();
        int count = count(rule);
        while (count == 0 && !ended) {
            long leftMillis = limit.toMillis() - TimeUnit.NANOSECONDS.toMillis(Clock.nanos() - start);
            if (leftMillis <= 0) {
                return 0;
            }
            wait(leftMillis);
            count = count(rule);
        }
        return count;
    }

    /** Each goes on with that stage, on its own queue thread. @return how many there were */
    int release(Stage next) {
        return release(null, next);
    }

    /** @param rule null for those of all rules */
    int release(String rule, Stage next) {
        List<Request> released = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Parked> all = parked.iterator(); all.hasNext(); ) {
                Parked one = all.next();
                if (rule == null || one.rule.equals(rule)) {
                    released.add(one.request);
                    all.remove();
                }
            }
        }
        released.forEach(request -> request.runAt(Clock.nanos(), next));
        return released.size();
    }
}
