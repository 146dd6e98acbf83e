package io.ublkdisk.junit;

import io.ublkdisk.block.Clock;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RuleReport;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The rules of a disk that a server has. The server counts; this remembers the last count of the rules that were removed,
 * and which rules need not fire.
 */
final class ServedFaults implements Faults {
    /** How often a wait looks: a question costs the server some microseconds. */
    private static final long POLL_NANOS = 5_000_000;

    private final RemoteDisk remote;
    private final boolean allLenient;
    private final Set<String> lenient = new HashSet<>();
    private final Map<String, RuleReport> removed = new LinkedHashMap<>();
    /** Texts of rules that fired in an earlier try of a property; they have proved themselves. */
    private final Set<String> provenTexts = new HashSet<>();

    private final Map<String, RuleReport> neverYet = new HashMap<>();

    ServedFaults(RemoteDisk remote, boolean allLenient) {
        this.remote = remote;
        this.allLenient = allLenient;
    }

    @Override
    public String add(String rule) {
        return add(Script.parseRule(rule));
    }

    @Override
    public String add(Rule rule) {
        rule.checkAgainst(remote.sizeBytes());
        try {
            return remote.addRule(rule.toString());
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        }
    }

    @Override
    public synchronized void remove(String name) {
        RuleReport report = report(name, rules());
        try {
            remote.removeRule(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        removed.put(name, report);
    }

    @Override
    public synchronized void clear() {
        List<RuleReport> last = rules();
        try {
            remote.clearRules();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        last.forEach(report -> removed.put(report.name(), report));
    }

    @Override
    public synchronized void lenient(String name) {
        report(name, everyRule());
        lenient.add(name);
    }

    @Override
    public Verification verify(String name) {
        report(name, everyRule());
        return new Served(name);
    }

    @Override
    public List<RuleReport> rules() {
        try {
            return remote.rules();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Armed and removed rules; of a name that was used twice, the armed one. */
    synchronized Collection<RuleReport> everyRule() {
        Map<String, RuleReport> all = new LinkedHashMap<>(removed);
        rules().forEach(report -> all.put(report.name(), report));
        return all.values();
    }

    /** The rules that never fired and were to. */
    synchronized List<RuleReport> unused() {
        if (allLenient) {
            return List.of();
        }
        Map<String, RuleReport> unused = new LinkedHashMap<>(neverYet);
        for (RuleReport rule : everyRule()) {
            boolean excused = rule.fired() > 0 || lenient.contains(rule.name()) || provenTexts.contains(rule.text());
            if (excused) {
                unused.remove(rule.text());
            } else {
                unused.put(rule.text(), rule);
            }
        }
        return new ArrayList<>(unused.values());
    }

    /** Begins another try of the same property: a rule that fired in any one of them was used. */
    synchronized void nextTry() {
        for (RuleReport rule : everyRule()) {
            if (rule.fired() > 0 || lenient.contains(rule.name())) {
                provenTexts.add(rule.text());
                neverYet.remove(rule.text());
            } else if (!provenTexts.contains(rule.text())) {
                neverYet.put(rule.text(), rule);
            }
        }
        removed.clear();
        lenient.clear();
    }

    private static RuleReport report(String name, Collection<RuleReport> rules) {
        return rules.stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this disk has no rule '" + name + "'; it has "
                        + (rules.isEmpty()
                                ? "none"
                                : rules.stream().map(RuleReport::name).collect(Collectors.joining(", ")))));
    }

    /** What a rule did, in words that help when it did not do it. */
    static String describe(RuleReport rule) {
        String hint = rule.matched() > 0
                ? rule.matched() + " requests were in its scope"
                : "no request was in its scope: is it the right operation and range, and did the request reach the disk"
                        + " (evict() makes buffered reads do so, force() writes)?";
        return "fired " + rule.fired() + " times; " + hint + "\n  " + rule.text();
    }

    private final class Served implements Verification {
        private final String name;

        Served(String name) {
            this.name = name;
        }

        @Override
        public void fired(Times times) {
            RuleReport now = report(name, everyRule());
            if (!times.includes(now.fired())) {
                throw new AssertionError("rule '" + name + "' should have fired " + times + ", but " + describe(now));
            }
        }

        @Override
        public void neverFired() {
            RuleReport now = report(name, everyRule());
            if (now.fired() > 0) {
                throw new AssertionError("rule '" + name + "' should never have fired, but " + describe(now));
            }
            lenient(name);
        }

        @Override
        public void awaitFired(Duration limit) {
            if (limit.isNegative()) {
                throw new IllegalArgumentException("cannot wait " + limit);
            }
            long start = Clock.nanos();
            while (report(name, everyRule()).fired() == 0) {
                if (Clock.nanos() - start > limit.toNanos()) {
                    throw new AssertionError("rule '" + name + "' should have fired within " + limit.toMillis()
                            + " ms, but " + describe(report(name, everyRule())));
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new AssertionError("interrupted while waiting for rule '" + name + "' to fire; so far it "
                            + describe(report(name, everyRule())));
                }
                LockSupport.parkNanos(this, POLL_NANOS);
            }
        }
    }
}
