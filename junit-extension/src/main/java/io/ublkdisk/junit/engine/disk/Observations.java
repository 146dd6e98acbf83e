package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.junit.FilePart;
import io.ublkdisk.protocol.DiskStats;
import io.ublkdisk.protocol.StepReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the extension notes of a disk while a test has it, for the {@link Verdict} on a test that fails, and for warnings about one
 * that proves less than it seems to. What the server knows is asked for at the end, and only where there is a reason to: a test
 * that passes pays for one question.
 *
 * <p>Thread safe.
 */
public final class Observations {
    private static final int WAITING_SHOWN = 5;
    private static final String HELD = "is held";
    private static final String DELAYED = "waits ";

    private final RemoteDisk remote;
    /** When the test began, by the clock of the journal. */
    private long sinceNanos;
    /** Another server has taken over, with a new journal. */
    private boolean restarted;

    private List<String> waiting = List.of();
    private List<FilePart> cutFiles = List.of();
    private boolean cutFoundNothing;
    private boolean damaged;
    private boolean recordedForNothing;
    private final Set<String> warnings = new LinkedHashSet<>();
    private final List<Warning> settled = new ArrayList<>();

    Observations(RemoteDisk remote) {
        this.remote = remote;
    }

    /** Begins another test, or another try of a property, and forgets what was before. */
    public synchronized void begin() {
        sinceNanos = age();
        waiting = List.of();
        cutFiles = List.of();
        cutFoundNothing = false;
        damaged = false;
    }

    private long age() {
        try {
            return remote.stats().ageNanos();
        } catch (DiskException dead) {
            return 0; // its next use says so
        }
    }

    /** Notes that another server has taken over. */
    synchronized void restarted() {
        restarted = true;
        sinceNanos = 0;
    }

    /** Notes what rules hold back now, because the rules are about to be taken away. */
    public synchronized void noteWaiting() {
        try {
            waiting = waiting(remote.journal(), remote.stats().ageNanos());
        } catch (DiskException unknown) {
            waiting = List.of();
        }
    }

    /** Notes a power cut. @param files of which it took something, as far as known */
    synchronized void cut(String text, List<FilePart> files) {
        cutFiles = List.copyOf(files);
        PowerCutText took = PowerCutText.of(text);
        cutFoundNothing |= took.hadCache() && took.foundNothing();
    }

    /** Bytes at rest were damaged. */
    synchronized void damaged() {
        damaged = true;
    }

    /** Notes that a recording began, or that its states have been asked for. */
    synchronized void recording(boolean unused) {
        recordedForNothing = unused;
    }

    /** Warns that the test may prove less than it seems to. */
    synchronized void warn(String text) {
        warnings.add(text);
    }

    /** Returns the journal since the test began; empty if the server is gone. */
    synchronized List<Entry> journal() {
        try {
            return since(remote.journal());
        } catch (DiskException gone) {
            return List.of();
        }
    }

    private List<Entry> since(List<Entry> journal) {
        return journal.stream().filter(entry -> entry.timeNanos() >= sinceNanos).toList();
    }

    /** Returns what the disk had to do with a failure, in lines. */
    public synchronized List<String> verdict(ServedFaults faults, Throwable failure) {
        try {
            List<Entry> journal = remote.journal();
            DiskStats stats = remote.stats();
            List<Entry> all = since(journal);
            List<Entry> events = all.stream()
                    .filter(entry -> entry.kind() != Entry.Kind.REQUEST)
                    .toList();
            List<String> unfired = new ArrayList<>();
            for (RuleReport rule : faults.unused()) {
                unfired.add("rule '" + rule.name() + "' did not fire: " + WhyNotFired.of(rule, all));
            }
            for (StepReport step : faults.undone()) {
                unfired.add("\"" + step.text() + "\" of the script did not happen: "
                        + (step.state().equals(StepReport.WAITING) ? "its moment never came" : step.state()));
            }
            List<String> held = waiting.isEmpty() ? waiting(journal, stats.ageNanos()) : waiting;
            boolean forgotten = restarted || events.size() >= Journal.EVENTS;
            return Verdict.lines(
                    new Verdict.Facts(events, stats.ageNanos(), forgotten, stats.poweredOn(), cutFiles, held, unfired),
                    failure);
        } catch (ServerDiedException dead) {
            return List.of("what it did is not known: its server is dead");
        } catch (DiskException | RuntimeException e) {
            return List.of("what it did is not known: " + e.getMessage());
        }
    }

    /** Returns the requests that rules hold back at that time, one line each. */
    static List<String> waiting(List<Entry> journal, long nowNanos) {
        Set<Long> ended = new HashSet<>();
        Map<Long, Entry> waits = new HashMap<>();
        long oldest = Long.MAX_VALUE;
        for (Entry entry : journal) {
            if (entry.kind() == Entry.Kind.REQUEST) {
                ended.add(entry.request());
                oldest = Math.min(oldest, entry.sequence());
            }
        }
        boolean full = ended.size() >= Journal.DEFAULT_REQUESTS;
        for (Entry entry : journal) {
            boolean known = !full || entry.sequence() > oldest;
            boolean held = entry.text().equals(HELD) || entry.text().startsWith(DELAYED);
            if (entry.kind() == Entry.Kind.FAULT
                    && held
                    && known
                    && entry.request() != 0
                    && !ended.contains(entry.request())) {
                waits.merge(entry.request(), entry, (one, other) -> one.text().equals(HELD) ? one : other);
            }
        }
        List<Entry> all = waits.values().stream()
                .sorted((one, other) -> Long.compare(one.sequence(), other.sequence()))
                .toList();
        List<String> lines = new ArrayList<>();
        all.stream()
                .limit(WAITING_SHOWN)
                .forEach(entry -> lines.add("rule '" + entry.rule() + "' "
                        + (entry.text().equals(HELD) ? "held" : "delayed") + " request " + entry.request() + " ("
                        + Verdict.request(entry) + ") for " + Verdict.seconds(nowNanos - entry.timeNanos())));
        if (all.size() > WAITING_SHOWN) {
            lines.add("and rules held back " + (all.size() - WAITING_SHOWN) + " more requests");
        }
        return lines;
    }

    /** A warning. @param loud whether it is worth a line of standard output */
    public record Warning(String text, boolean loud) {}

    /** Asks the server, before the disk goes, for what the warnings need, if there is a reason to ask. */
    synchronized void settle() {
        warnings.forEach(text -> settled.add(new Warning(text, true)));
        if (recordedForNothing) {
            settled.add(new Warning("record() was called and crashStates() never: no crash state was looked at", true));
        }
        if (cutFoundNothing || damaged) {
            List<Entry> journal = journal();
            if (cutFoundNothing && everyCutFoundNothing(journal)) {
                settled.add(new Warning("the power cut lost nothing: everything was flushed", false));
            }
            if (damaged && damageWasNeverRead(journal)) {
                settled.add(new Warning(
                        "bytes at rest were damaged, and no read of them reached the disk afterwards: what the page"
                                + " cache has is not asked of the disk; call evict() before reading",
                        true));
            }
        }
    }

    /** Returns what the test should know of itself, when the disk is gone. */
    public synchronized List<Warning> warnings() {
        return List.copyOf(settled);
    }

    /**
     * Returns whether no cut has taken anything. A kernel that still had something to write has tried to write it to the disk without
     * power: such a write is in the journal, and has failed. What the filesystem writes for itself as it is taken off (FUA, metadata)
     * does not count. In doubt: false.
     */
    static boolean everyCutFoundNothing(List<Entry> journal) {
        boolean off = false;
        boolean any = false;
        for (Entry entry : journal) {
            if (entry.kind() == Entry.Kind.POWER) {
                off = PowerCutText.isCut(entry.text());
                any |= off;
                if (off && !PowerCutText.of(entry.text()).foundNothing()) {
                    return false;
                }
            } else if (off && isDataWrite(entry)) {
                return false;
            }
        }
        return any && !off;
    }

    private static boolean isDataWrite(Entry entry) {
        return entry.kind() == Entry.Kind.REQUEST
                && entry.operation() == Operation.WRITE
                && (entry.flags() & (Request.FUA | Request.META)) == 0;
    }

    /** Returns whether there was damage, and no read of any damaged sector came after it. */
    static boolean damageWasNeverRead(List<Entry> journal) {
        List<Entry> damage = new ArrayList<>();
        for (Entry entry : journal) {
            if (entry.kind() == Entry.Kind.DAMAGE) {
                damage.add(entry);
            } else if (entry.kind() == Entry.Kind.REQUEST
                    && entry.operation() == Operation.READ
                    && damage.stream().anyMatch(damaged -> overlap(damaged, entry))) {
                return false;
            }
        }
        return !damage.isEmpty();
    }

    private static boolean overlap(Entry one, Entry other) {
        return one.sector() < other.sector() + other.sectorCount() && other.sector() < one.sector() + one.sectorCount();
    }
}
