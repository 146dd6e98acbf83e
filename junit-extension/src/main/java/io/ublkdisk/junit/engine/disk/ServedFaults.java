package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRules;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.junit.Aim;
import io.ublkdisk.junit.Breakpoint;
import io.ublkdisk.junit.Faults;
import io.ublkdisk.junit.FilePart;
import io.ublkdisk.junit.Verification;
import io.ublkdisk.junit.engine.files.FileExtents;
import io.ublkdisk.protocol.StepReport;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of a disk that a server has. The server counts; what has happened of it is {@link UnusedRules}'s. */
public final class ServedFaults implements Faults {
    private final DiskHandle disk;
    private final RemoteDisk remote;
    private final RemoteRules rules;
    private final boolean allLenient;
    private final UnusedRules proof = new UnusedRules();
    /** What listeners have thrown, on a thread whose failures no test sees. */
    private final List<Throwable> listenerProblems = new CopyOnWriteArrayList<>();

    ServedFaults(DiskHandle disk, boolean allLenient) {
        this.disk = disk;
        this.remote = disk.remote();
        this.rules = remote.rules();
        this.allLenient = allLenient;
    }

    @Override
    public String add(String rule) {
        return add(Script.parseRule(rule));
    }

    @Override
    public String add(Rule rule) {
        rule.checkAgainst(remote.sizeBytes());
        return Unchecked.accepted(() -> rules.add(rule.toString()));
    }

    @Override
    public String damage(long offsetBytes, long lengthBytes, String with) {
        String changed = Unchecked.accepted(() -> remote.damage(offsetBytes, lengthBytes, with, OptionalLong.empty()));
        disk.observations().damaged();
        return changed;
    }

    @Override
    public List<String> script(String source) {
        Script script = FaultSource.parse(source, Thread.currentThread().getContextClassLoader());
        script.checkAgainst(remote.sizeBytes());
        return Unchecked.accepted(() -> rules.addScript(script.toString()));
    }

    @Override
    public void replace(String rule) {
        replace(Script.parseRule(rule));
    }

    @Override
    public synchronized void replace(Rule rule) {
        rule.checkAgainst(remote.sizeBytes());
        if (rule.name().isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + rule + "\" has no name, so it replaces none; write rule NAME: before it");
        }
        RuleReport old = report(rule.name(), rules());
        Unchecked.accepted(() -> {
            rules.replace(rule.toString());
            return null;
        });
        proof.replaced(old);
    }

    @Override
    public int release(String name) {
        return Unchecked.accepted(() -> rules.release(name));
    }

    @Override
    public int release() {
        return Unchecked.of(rules::release);
    }

    @Override
    public Breakpoint held(String name) {
        report(name, rules());
        return new RuleBreakpoint(disk, name);
    }

    @Override
    public Breakpoint awaitHeld(String name, Duration limit) {
        Breakpoint breakpoint = held(name);
        try {
            rules.awaitHeld(name, limit);
        } catch (ServerDiedException e) {
            throw new UncheckedIOException(e);
        } catch (DiskException notHeld) {
            throw new AssertionError(
                    "rule '" + name + "' should have held a request within " + limit.toMillis()
                            + " ms, but holds none: it " + describe(report(name)),
                    notHeld);
        }
        return breakpoint;
    }

    @Override
    public List<FaultEvent> fired() {
        return Unchecked.of(remote::faults);
    }

    @Override
    public JournalFollower onFault(Consumer<FaultEvent> listener) {
        return Unchecked.of(() -> remote.onFault(fault -> {
            try {
                listener.accept(fault);
            } catch (RuntimeException | Error thrown) {
                listenerProblems.add(thrown);
                throw thrown;
            }
        }));
    }

    @Override
    public Aim on(FilePart part) throws IOException {
        Path place = remote.mountPoint()
                .orElseThrow(() -> new IllegalArgumentException(
                        "to aim at " + part + ", " + remote + " must be mounted; name sectors instead"));
        Path file = part.path().toRealPath();
        if (!file.startsWith(place.toRealPath())) {
            throw new IllegalArgumentException(
                    part + " is not on " + remote + ", which is mounted on " + place + "; aim at a file under that");
        }
        return new FileAim(this, new FileExtents(part).sectors());
    }

    @Override
    public synchronized void remove(String name) {
        RuleReport report = report(name, rules());
        Unchecked.to(() -> rules.remove(name));
        proof.removed(report);
    }

    @Override
    public synchronized void clear() {
        List<RuleReport> last = rules();
        Unchecked.to(rules::clear);
        last.forEach(proof::removed);
    }

    @Override
    public synchronized void lenient(String name) {
        if (stepThatArms(name).isEmpty()) {
            report(name, everyRule());
        }
        proof.excuse(name);
    }

    @Override
    public Verification verify(String name) {
        if (stepThatArms(name).isEmpty()) {
            report(name, everyRule());
        }
        return new RuleVerification(this, name);
    }

    @Override
    public List<RuleReport> rules() {
        return Unchecked.of(rules::reports);
    }

    /** Armed and removed rules; of a name that was used twice, the armed one. */
    public synchronized Collection<RuleReport> everyRule() {
        return proof.everyRule(withCleared());
    }

    private List<RuleReport> withCleared() {
        return Stream.of(Unchecked.of(rules::cleared), rules())
                .flatMap(List::stream)
                .collect(Collectors.toList());
    }

    /** Returns what the scripts' lines with a moment have come to. */
    public List<StepReport> steps() {
        return Unchecked.of(rules::timeline);
    }

    /** Returns the rules that never fired and were to. */
    synchronized List<RuleReport> unused() {
        return allLenient ? List.of() : proof.unused(withCleared());
    }

    /** Returns the steps whose moment never came, or that could not be done. */
    synchronized List<StepReport> undone() {
        return allLenient ? List.of() : proof.undone(steps());
    }

    /** Begins another try of the same property: a rule that fired in any one of them was used. */
    synchronized void nextTry() {
        proof.nextTry(withCleared(), steps());
    }

    /** Returns what listeners have thrown, and forgets it. */
    List<Throwable> takeListenerProblems() {
        List<Throwable> all = List.copyOf(listenerProblems);
        listenerProblems.clear();
        return all;
    }

    /** Warns if the disk is lenient, and none of its rules has met a request. */
    void warnOfIdleRules() {
        if (allLenient) {
            Collection<RuleReport> all = everyRule();
            if (!all.isEmpty() && all.stream().allMatch(rule -> rule.matched() == 0)) {
                disk.observations()
                        .warn("no request was in the scope of "
                                + (all.size() == 1 ? "the rule" : "any of the " + all.size() + " rules")
                                + " of this disk, which is lenient: "
                                + all.stream().map(RuleReport::text).collect(Collectors.joining("; ")));
            }
        }
    }

    /** Excuses a rule that was verified never to have fired, and warns if it could not have. */
    void verifiedNeverFired(RuleReport rule) {
        lenient(rule.name());
        if (rule.matched() == 0 && !isProbe(rule)) {
            disk.observations()
                    .warn("verify(\"" + rule.name()
                            + "\").neverFired() holds, but no request was in the scope of that rule, so"
                            + " it could not have fired: " + rule.text());
        }
    }

    /** Returns whether it only notes what comes, so that a scope which nothing meets is an answer. */
    private static boolean isProbe(RuleReport rule) {
        try {
            return Script.parseRule(rule.text()).effect().word().equals("note");
        } catch (IllegalArgumentException waitsForItsMoment) {
            return false;
        }
    }

    /** Returns the report of that rule; a rule that waits for its moment has seen nothing. */
    RuleReport report(String name) {
        Collection<RuleReport> rules = everyRule();
        Optional<StepReport> step = stepThatArms(name);
        return step.isPresent() && rules.stream().noneMatch(rule -> rule.name().equals(name))
                ? new RuleReport(name, 0, 0, step.get().toString())
                : report(name, rules);
    }

    private Optional<StepReport> stepThatArms(String name) {
        return steps().stream()
                .filter(step -> !name.isEmpty() && step.rule().equals(name))
                .findFirst();
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

    /** Returns what a rule did, in words that help when it did not do it. */
    String describe(RuleReport rule) {
        return "fired " + rule.fired() + (rule.fired() == 1 ? " time; " : " times; ")
                + (rule.fired() > 0
                        ? rule.matched() + " requests were in its scope"
                        : WhyNotFired.of(rule, disk.observations().journal()))
                + "\n  " + rule.text();
    }
}
