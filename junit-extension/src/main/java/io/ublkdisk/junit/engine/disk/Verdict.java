package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.junit.FilePart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The answer to "was it us?" for the reader of a failed test: which faults were injected, or that none was; what a rule held back;
 * whether the power is off, and what a cut took; which rules did not fire, and why. Plain lines, the verdict first.
 *
 * <p>A function of {@link Facts}, which {@link Observations} collects.
 */
final class Verdict {
    private static final int FAULTS_SHOWN = 3;
    /** What the journal says of a rule with the effect {@code note}, which changes nothing. */
    private static final String NOTED = "noted";

    /**
     * What is known of a disk at the end of its test.
     *
     * @param events faults, marks, power and damage since the test began, the oldest first
     * @param forgotten whether there may have been others, which the journal has forgotten
     * @param cutFiles the files of which the latest power cut took something, as far as known
     * @param waiting what rules hold back now, or held back when a timeout struck, one line each
     * @param unfired the rules that were to fire and did not, each with the reason, one line each
     */
    record Facts(
            List<Entry> events,
            long nowNanos,
            boolean forgotten,
            boolean poweredOn,
            List<FilePart> cutFiles,
            List<String> waiting,
            List<String> unfired) {}

    private final Facts facts;
    private final List<Entry> faults;
    private final List<Entry> power;
    private final List<Entry> damage;

    private Verdict(Facts facts) {
        this.facts = facts;
        this.faults = kind(Entry.Kind.FAULT).stream()
                .filter(fault -> !fault.text().equals(NOTED))
                .toList();
        this.power = kind(Entry.Kind.POWER);
        this.damage = kind(Entry.Kind.DAMAGE);
    }

    /** Returns the lines. @param failure what the test failed with */
    static List<String> lines(Facts facts, Throwable failure) {
        Verdict verdict = new Verdict(facts);
        List<String> lines = new ArrayList<>();
        lines.add(verdict.injected(failure));
        lines.addAll(facts.waiting());
        verdict.power(lines);
        verdict.damage.forEach(entry -> lines.add("bytes at rest were damaged: " + entry.text()));
        lines.addAll(facts.unfired());
        return lines;
    }

    private List<Entry> kind(Entry.Kind kind) {
        return facts.events().stream().filter(entry -> entry.kind() == kind).toList();
    }

    private String injected(Throwable failure) {
        if (!faults.isEmpty()) {
            return faults();
        }
        if (facts.forgotten()) {
            return "no fault injected that is still known; the journal has forgotten what came before";
        }
        boolean genuine = isOfIo(failure) && power.isEmpty() && damage.isEmpty() && facts.poweredOn();
        return genuine ? "no fault injected: this error is genuine" : "no fault injected";
    }

    private static boolean isOfIo(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof IOException || at instanceof UncheckedIOException) {
                return true;
            }
        }
        return false;
    }

    private String faults() {
        int count = faults.size();
        String all =
                (facts.forgotten() ? "more than " : "") + (count == 1 ? "1 fault" : count + " faults") + " injected";
        if (count <= FAULTS_SHOWN && !facts.forgotten()) {
            return all + ": " + faults.stream().map(Verdict::fault).collect(Collectors.joining(", "));
        }
        Map<String, Integer> byRule = new LinkedHashMap<>();
        faults.forEach(fault -> byRule.merge(fault.rule(), 1, Integer::sum));
        return all + ", "
                + byRule.entrySet().stream()
                        .map(rule -> rule.getValue() + " by rule " + rule.getKey())
                        .collect(Collectors.joining(", "))
                + "; the last: " + fault(faults.get(count - 1));
    }

    private static String fault(Entry fault) {
        return request(fault) + " by rule " + fault.rule() + " ("
                + (fault.status() == BlockStatus.OK ? fault.text() : fault.status()) + ")";
    }

    /** Returns the request of an entry: its operation, and its sectors as the journal's page writes them. */
    static String request(Entry entry) {
        return entry.operation().word()
                + (entry.sectorCount() == 0 ? "" : " " + entry.sector() + "+" + entry.sectorCount());
    }

    private void power(List<String> lines) {
        PowerCutText last = null;
        Entry lastCut = null;
        int cuts = 0;
        for (Entry entry : power) {
            if (PowerCutText.isCut(entry.text())) {
                cuts++;
                lastCut = entry;
                last = PowerCutText.of(entry.text());
            }
        }
        if (!facts.poweredOn()) {
            lines.add("the power of this disk is off"
                    + (lastCut == null
                            ? ""
                            : " since " + seconds(facts.nowNanos() - lastCut.timeNanos())
                                    + " before this report was made")
                    + ": every request fails until powerOn()");
        }
        if (last != null) {
            lines.add((cuts == 1 ? "the power cut" : "the last of " + cuts + " power cuts") + " "
                    + last.words(facts.cutFiles()));
        }
    }

    /** Returns a time as a person says it: {@code 8 s}, {@code 120 ms}. */
    static String seconds(long nanos) {
        long millis = Duration.ofNanos(Math.max(0, nanos)).toMillis();
        return millis < 1_000
                ? millis + " ms"
                : millis < 10_000 && millis % 1_000 >= 100
                        ? millis / 1_000 + "." + millis % 1_000 / 100 + " s"
                        : millis / 1_000 + " s";
    }
}
