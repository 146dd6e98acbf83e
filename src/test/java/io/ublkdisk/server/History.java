package io.ublkdisk.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What some threads asked of a disk at the same time, and what they were told; judged against the model of a drive: a register
 * for each sector.
 *
 * <p><b>Linearizable:</b> of each sector there is one order of its writes and reads in which a read sees the write before it,
 * and in which nothing comes after what began only when it had ended. Every write has a value of its own, so this is decided
 * by zones (Gibbons and Korach, "Testing shared memories", 1997): of each value the time from the first end to the last
 * beginning of the requests that wrote or read it. Where the first end comes first the register had the value all that time, so
 * two such zones never overlap, and no value has its whole life within one.
 *
 * <p><b>Durable:</b> after a power cut each sector has the value of a write that had begun, and of none that is certainly older
 * than one whose durability was promised: because it was asked for with it, or by a flush that began when the write had been acknowledged.
 */
public final class History {
    private static final long BEFORE_ALL = -1;
    private static final long NEVER = Long.MAX_VALUE;

    enum Kind {
        WRITE,
        WRITE_DURABLE,
        READ,
        FLUSH
    }

    /**
     * A request.
     *
     * @param value of a write, in all its sectors
     * @param seen of a read that went well, the value of each sector
     * @param begun when, on a clock that all threads share; one tick for each event
     */
    record Event(
            int thread, Kind kind, int first, int count, int value, int[] seen, long begun, long ended, boolean ok) {
        boolean isWrite() {
            return kind == Kind.WRITE || kind == Kind.WRITE_DURABLE;
        }

        boolean touches(int sector) {
            return kind != Kind.FLUSH && sector >= first && sector < first + count;
        }

        /** One that failed may have happened, and may yet happen. */
        long end() {
            return ok ? ended : NEVER;
        }

        @Override
        public String toString() {
            String what = kind == Kind.FLUSH ? "" : " sectors " + first + ".." + (first + count - 1);
            String saw = seen == null ? "" : " sees " + Arrays.toString(seen);
            return begun + ".." + ended + " thread " + thread + " " + kind + what
                    + (isWrite() ? " value " + value : saw)
                    + (ok ? "" : ", failed");
        }
    }

    /** Of a value in a sector: when its write began, the first end of its write and reads, the last beginning of them. */
    private record Zone(int value, long writeBegun, long firstEnd, long lastBegin) {
        boolean isForward() {
            return firstEnd < lastBegin;
        }
    }

    private final List<Event> events;
    /** The value that each sector had before, which no event writes. */
    private final int[] initial;

    History(List<Event> events, int... initial) {
        this.events =
                events.stream().sorted(Comparator.comparingLong(Event::begun)).toList();
        this.initial = initial.clone();
    }

    /** What cannot be, of reads that saw each other's writes; empty if all can. */
    public Optional<String> notLinearizable() {
        for (int sector = 0; sector < initial.length; sector++) {
            List<Zone> zones = List.copyOf(zones(sector).values());
            for (Zone zone : zones) {
                if (zone.writeBegun == NEVER) {
                    return Optional.of("sector " + sector + ": value " + zone.value + " was read and never written");
                }
                if (firstRead(sector, zone.value) < zone.writeBegun) {
                    return Optional.of(
                            "sector " + sector + ": value " + zone.value + " was read before it was written");
                }
                for (Zone other : zones) {
                    if (other != zone && zone.isForward() && meet(zone, other)) {
                        return Optional.of("sector " + sector + ": it had value " + zone.value + " from "
                                + zone.firstEnd + " to " + zone.lastBegin + ", and meanwhile value " + other.value);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** @param left the value of each sector after a power cut */
    Optional<String> notDurable(int[] left) {
        for (int sector = 0; sector < initial.length; sector++) {
            Zone found = zones(sector).get(left[sector]);
            if (found == null || found.writeBegun == NEVER) {
                return Optional.of("sector " + sector + " has value " + left[sector] + ", which nobody wrote there");
            }
            for (Event event : events) {
                if (event.isWrite() && event.touches(sector) && found.firstEnd < event.begun && isPromised(event)) {
                    return Optional.of("sector " + sector + " has value " + left[sector] + ", and the younger "
                            + event.value + " was promised");
                }
            }
        }
        return Optional.empty();
    }

    /** How many promises there are that a power cut could break: for the proof that there are some. */
    long promises() {
        return events.stream()
                .filter(event -> event.isWrite() && isPromised(event))
                .count();
    }

    private boolean isPromised(Event write) {
        return write.ok
                && (write.kind == Kind.WRITE_DURABLE
                        || events.stream()
                                .anyMatch(flush -> flush.kind == Kind.FLUSH && flush.ok && write.ended < flush.begun));
    }

    /** Two forward zones that overlap, or one that has all of a backward one: it comes to the same. */
    private static boolean meet(Zone forward, Zone other) {
        return forward.firstEnd < other.lastBegin && other.firstEnd < forward.lastBegin;
    }

    private long firstRead(int sector, int value) {
        return events.stream()
                .filter(event -> saw(event, sector, value))
                .mapToLong(Event::ended)
                .min()
                .orElse(NEVER);
    }

    private static boolean saw(Event event, int sector, int value) {
        return event.kind == Kind.READ
                && event.ok
                && event.touches(sector)
                && event.seen[sector - event.first] == value;
    }

    private Map<Integer, Zone> zones(int sector) {
        Map<Integer, Zone> zones = new TreeMap<>();
        zones.put(initial[sector], new Zone(initial[sector], BEFORE_ALL, BEFORE_ALL, BEFORE_ALL));
        for (Event event : events) {
            if (event.isWrite() && event.touches(sector)) {
                zones.put(event.value, new Zone(event.value, event.begun, event.end(), event.begun));
            }
        }
        for (Event event : events) {
            if (event.kind == Kind.READ && event.ok && event.touches(sector)) {
                zones.compute(
                        event.seen[sector - event.first],
                        (value, zone) -> zone == null
                                ? new Zone(value, NEVER, event.ended, event.begun)
                                : new Zone(
                                        value,
                                        zone.writeBegun,
                                        Math.min(zone.firstEnd, event.ended),
                                        Math.max(zone.lastBegin, event.begun)));
            }
        }
        return zones;
    }

    @Override
    public String toString() {
        return "before: " + Arrays.toString(initial)
                + events.stream().map(event -> "\n  " + event).collect(Collectors.joining());
    }

    /** Takes events from all threads. */
    static final class Recorder {
        private final List<Event> events = new ArrayList<>();

        synchronized void add(Event event) {
            events.add(event);
        }

        synchronized History history(int[] initial) {
            return new History(events, initial);
        }
    }
}
