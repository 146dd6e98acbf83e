package io.ublkdisk.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long each of several steps took, each time. */
final class Steps {
    private final Map<String, List<Long>> steps = new LinkedHashMap<>();

    /** What is timed. */
    interface Work<T> {
        T run() throws Exception;
    }

    /** The same, of what makes nothing. */
    interface Act {
        void run() throws Exception;
    }

    <T> T timed(String what, Work<T> work) throws Exception {
        long begin = System.nanoTime();
        T made = work.run();
        note(what, System.nanoTime() - begin);
        return made;
    }

    void took(String what, Act act) throws Exception {
        timed(what, () -> {
            act.run();
            return what;
        });
    }

    void note(String what, long nanos) {
        steps.computeIfAbsent(what, w -> new ArrayList<>()).add(nanos);
    }

    double medianMillis(String what) {
        List<Long> nanos = sorted(what);
        return nanos.get(nanos.size() / 2) / 1e6;
    }

    double perSecond(String what) {
        List<Long> nanos = sorted(what);
        return nanos.size() * 1e9 / nanos.stream().mapToLong(Long::longValue).sum();
    }

    private List<Long> sorted(String what) {
        return steps.get(what).stream().sorted().toList();
    }

    void print() {
        for (String what : steps.keySet()) {
            List<Long> nanos = sorted(what);
            System.out.printf(
                    "%-52s median %9.2f ms   least %9.2f   most %9.2f   %8.1f/s   (%d)%n",
                    what,
                    medianMillis(what),
                    nanos.get(0) / 1e6,
                    nanos.get(nanos.size() - 1) / 1e6,
                    perSecond(what),
                    nanos.size());
        }
    }
}
