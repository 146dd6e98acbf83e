package io.ublkdisk.junit;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FaultEvent;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRules;
import io.ublkdisk.control.RuleReport;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.StepReport;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of a disk that a server has. The server counts; what has happened of it is {@link Proof}'s. */
final class ServedFaults implements Faults {
    private final RemoteDisk remote;
    private final RemoteRules rules;
    private final boolean allLenient;
    private final Proof proof = new Proof();

    ServedFaults(RemoteDisk remote, boolean allLenient) {
        this.remote = remote;
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
        return Asked.accepted(() -> rules.add(rule.toString()));
    }

    @Override
    public String damage(long offsetBytes, long lengthBytes, String with) {
        return Asked.accepted(() -> remote.damage(offsetBytes, lengthBytes, with, OptionalLong.empty()));
    }

    @Override
    public List<String> script(String source) {
        Script script = FaultSource.parse(source, Thread.currentThread().getContextClassLoader());
        script.checkAgainst(remote.sizeBytes());
        return Asked.accepted(() -> rules.addScript(script.toString()));
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
        Asked.accepted(() -> {
            rules.replace(rule.toString());
            return null;
        });
        proof.replaced(old);
    }

    @Override
    public int release(String name) {
        return Asked.accepted(() -> rules.release(name));
    }

    @Override
    public int release() {
        return Asked.of(rules::release);
    }

    @Override
    public Breakpoint held(String name) {
        report(name, rules());
        return new HeldByRule(remote, name);
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
        return Asked.of(remote::faults);
    }

    @Override
    public JournalFollower onFault(Consumer<FaultEvent> listener) {
        return Asked.of(() -> remote.onFault(listener));
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
        Asked.to(() -> rules.remove(name));
        proof.removed(report);
    }

    @Override
    public synchronized void clear() {
        List<RuleReport> last = rules();
        Asked.to(rules::clear);
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
        return Asked.of(rules::reports);
    }

    /** Armed and removed rules; of a name that was used twice, the armed one. */
    synchronized Collection<RuleReport> everyRule() {
        return proof.everyRule(withCleared());
    }

    private List<RuleReport> withCleared() {
        return Stream.of(Asked.of(rules::cleared), rules())
                .flatMap(List::stream)
                .collect(Collectors.toList());
    }

    /** What the scripts' lines with a moment have come to. */
    List<StepReport> steps() {
        return Asked.of(rules::timeline);
    }

    /** The rules that never fired and were to. */
    synchronized List<RuleReport> unused() {
        return allLenient ? List.of() : proof.unused(withCleared());
    }

    /** The steps whose moment never came, or that could not be done. */
    synchronized List<StepReport> undone() {
        return allLenient ? List.of() : proof.undone(steps());
    }

    /** Begins another try of the same property: a rule that fired in any one of them was used. */
    synchronized void nextTry() {
        proof.nextTry(withCleared(), steps());
    }

    /** How it is with that rule; of one that waits for its moment, that it has seen nothing. */
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

    /** What a rule did, in words that help when it did not do it. */
    static String describe(RuleReport rule) {
        String hint = rule.matched() > 0
                ? rule.matched() + " requests were in its scope"
                : "no request was in its scope: is it the right operation and range, and did the request reach the disk"
                        + " (evict() makes buffered reads do so, force() writes)?";
        return "fired " + rule.fired() + " times; " + hint + "\n  " + rule.text();
    }
}
