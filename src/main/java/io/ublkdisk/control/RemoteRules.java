package io.ublkdisk.control;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.RuleCommand;
import io.ublkdisk.protocol.StepReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The rules of a disk as its client sees them, in force and gone. Thread safe; every method asks the server and has a bound. */
public final class RemoteRules {
    private final RemoteDisk disk;

    RemoteRules(RemoteDisk disk) {
        this.disk = disk;
    }

    /**
     * Puts a rule in force.
     *
     * @param rule one line of the fault language
     * @return its name, given or made
     * @throws DiskException saying where the rule is wrong and what was expected
     */
    public String add(String rule) throws DiskException {
        return disk.call(new RuleCommand.AddRule(disk.target(), rule)).value();
    }

    /** Puts all rules of a script in force, or none if one is wrong; returns their names. */
    public List<String> addScript(String script) throws DiskException {
        return disk.call(new RuleCommand.AddScript(disk.target(), script)).values();
    }

    /**
     * Puts a rule in the place of the one of the same name, in one step: there is no request for which neither is in force, and
     * each that arrives after this call meets the new one. Its counters begin at nothing; what the old one held goes on.
     *
     * @param rule one line of the fault language, with {@code rule NAME:} before it
     * @throws DiskException if it has no name, if no rule of that name is armed, or if the disk refuses it; the old one stays
     */
    public void replace(String rule) throws DiskException {
        disk.call(new RuleCommand.ReplaceRule(disk.target(), rule));
    }

    /** @throws DiskException if there is none of that name, with the nearest */
    public void remove(String name) throws DiskException {
        disk.call(new RuleCommand.ClearRules(disk.target(), Optional.of(name)));
    }

    /** Takes all rules away. Requests that they hold or delay go on at once. */
    public void clear() throws DiskException {
        disk.patientCall(ServerConnection.CALL_LIMIT, new RuleCommand.ClearRules(disk.target(), Optional.empty()));
    }

    /**
     * Waits until a rule has fired that often, counted from when it was armed.
     *
     * @param limit up to ten minutes
     * @return how often it has
     * @throws DiskException if it has not when the time is up, saying how often it has and how many requests it matched
     */
    public long awaitFired(String rule, long times, Duration limit) throws DiskException {
        return await(limit, new RuleCommand.AwaitFired(disk.target(), rule, times, limit));
    }

    /**
     * Waits until a rule holds a request.
     *
     * @param limit up to ten minutes
     * @return how many it holds
     * @throws DiskException if it holds none when the time is up
     */
    public long awaitHeld(String rule, Duration limit) throws DiskException {
        return await(limit, new RuleCommand.AwaitHeld(disk.target(), rule, limit));
    }

    /**
     * Returns the requests that a rule holds now, to look at, in the order in which they came; empty if it holds none. To wait
     * for one there is {@link #awaitHeld}.
     *
     * @throws DiskException if no rule of that name is armed
     */
    public List<HeldRequest> held(String rule) throws DiskException {
        return disk.call(new RuleCommand.ListHeld(disk.target(), rule)).requests();
    }

    private long await(Duration limit, RuleCommand<Reply.Number> command) throws DiskException {
        return disk.callWithin(limit.plus(ServerConnection.CALL_LIMIT), command).value();
    }

    private int release(Optional<String> rule, Optional<BlockStatus> failing) throws DiskException {
        return (int)
                disk.call(new RuleCommand.Release(disk.target(), rule, failing)).value();
    }

    /**
     * Lets requests go on that a rule holds, and ends what it has latched, as {@code disconnect} does; the rule stays armed.
     *
     * @return how many requests those were
     */
    public int release(String rule) throws DiskException {
        return release(Optional.of(rule), Optional.empty());
    }

    /** Releases as {@link #release(String)} does, for all rules. */
    public int release() throws DiskException {
        return release(Optional.empty(), Optional.empty());
    }

    /**
     * Fails the requests that a rule holds; they never reach the disk.
     *
     * @param status a name of the fault language, for instance {@code MEDIUM}
     * @return how many requests those were
     */
    public int failHeld(String rule, String status) throws DiskException {
        try {
            return release(Optional.of(rule), Optional.of(RuleCommand.failing(status)));
        } catch (IllegalArgumentException e) {
            throw new DiskException(e.getMessage(), e);
        }
    }

    /** Returns the lines of its scripts that have a moment, each with what has become of it. */
    public List<StepReport> timeline() throws DiskException {
        return disk.call(new RuleCommand.ListSteps(disk.target())).steps();
    }

    /** Returns the rules that steps of its scripts have taken away, with their last counts. */
    public List<RuleReport> cleared() throws DiskException {
        return disk.call(new RuleCommand.ListCleared(disk.target())).rules();
    }

    /** Returns the rules in the order in which they came, with their counts. */
    public List<RuleReport> reports() throws DiskException {
        return disk.call(new RuleCommand.ListRules(disk.target())).rules();
    }
}
