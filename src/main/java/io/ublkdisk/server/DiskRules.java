package io.ublkdisk.server;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.StepReport;
import io.ublkdisk.script.Script;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The rules of a served disk, as its clients name them: rules by text and by name, the script that the disk began with, and
 * requests that rules hold. From any thread, without the lock: a rule that holds a request may be just what the others wait
 * for.
 */
public final class DiskRules {
    private final Supplier<String> disk;
    private final Drive drive;
    private final Runnable expireTimers;
    private final Script first;
    private final ScriptRunner runner;

    /**
     * @param disk what it is called in messages
     * @param expireTimers lets requests go on that a rule has delayed
     * @param first what the disk was asked for with
     */
    DiskRules(Supplier<String> disk, Drive drive, Runnable expireTimers, Script first) {
        this.disk = disk;
        this.drive = drive;
        this.expireTimers = expireTimers;
        this.first = first;
        this.runner = new ScriptRunner(drive);
    }

    /** Arms the rules that the disk was made with, and begins its script. */
    void begin() {
        runner.end();
        runner.begin(first);
    }

    /** Removes all rules and steps. What was held or delayed goes on. */
    void end() {
        runner.end();
        clear();
    }

    /** @return its name */
    public String add(String text) {
        return drive.rules().addAll(List.of(Script.parseRule(text))).get(0);
    }

    public List<String> addScript(String text) {
        Script more = Script.parse(text, "script");
        more.checkAgainst(drive.sizeBytes());
        return runner.begin(more);
    }

    /** Replaces a rule in one step, so that for each request one of the two is armed. @return its name */
    public String replace(String text) throws DiskException {
        Rule rule = Script.parseRule(text);
        if (rule.name().isEmpty()) {
            throw new DiskException("\"" + rule + "\" has no name, so it replaces none; write rule NAME: before it");
        }
        check(rule.name());
        drive.link().replace(rule);
        return rule.name();
    }

    public List<RuleReport> reports() {
        return drive.rules().reports();
    }

    /** Returns the rules that steps of its scripts have taken away. */
    public List<RuleReport> cleared() {
        return runner.cleared();
    }

    /** Removes one rule, or all. What is held goes on. */
    public void clear(Optional<String> name) throws DiskException {
        if (name.isEmpty()) {
            clear();
        } else {
            check(name.get());
            drive.rules().remove(name.get());
            drive.link().releaseHeld(name.get());
        }
    }

    private void clear() {
        drive.rules().clear();
        expireTimers.run();
        drive.link().releaseHeld();
    }

    /** @return how many steps of scripts had waited for it */
    int mark(String text) {
        return runner.mark(text);
    }

    public List<StepReport> timeline() {
        return runner.reports();
    }

    /** Returns what that rule holds now. */
    public List<HeldRequest> held(String name) throws DiskException {
        check(name);
        return drive.link().heldBy(name);
    }

    /** Lets go what a rule holds or has latched, or all rules. @return how many requests */
    public int release(Optional<String> rule, Optional<BlockStatus> failing) throws DiskException {
        if (rule.isEmpty()) {
            drive.rules().reports().forEach(r -> drive.rules().release(r.name()));
            return drive.link().releaseHeld();
        }
        String name = rule.get();
        int released = failing.isPresent()
                ? drive.link().failHeld(name, failing.get())
                : drive.link().releaseHeld(name);
        if (!drive.rules().release(name) && released == 0) {
            check(name);
        }
        return released;
    }

    /** Waits until a rule has fired that often. @return how often it has */
    public long awaitFired(String name, long times, Duration limit) throws DiskException, InterruptedException {
        check(name);
        long fired = drive.rules().awaitFired(name, times, limit);
        if (fired < times) {
            throw new DiskException("rule " + name + " of " + disk.get() + " has fired " + fired + " of " + times
                    + " times after " + limit.toMillis() + " ms, and matched " + matched(name));
        }
        return fired;
    }

    /** Waits until a rule holds a request. @return how many it holds */
    public int awaitHeld(String name, Duration limit) throws DiskException, InterruptedException {
        check(name);
        int held = drive.link().awaitHeld(name, limit);
        if (held == 0) {
            throw new DiskException("rule " + name + " of " + disk.get() + " holds no request after " + limit.toMillis()
                    + " ms, and matched " + matched(name));
        }
        return held;
    }

    private long matched(String name) {
        return drive.rules().report(name).map(r -> r.matched()).orElse(0L);
    }

    private void check(String name) throws DiskException {
        List<String> names = reports().stream().map(RuleReport::name).toList();
        if (!names.contains(name)) {
            throw new DiskException("no rule '" + name + "' on " + disk.get() + Nearest.hint(name, names));
        }
    }
}
