package io.ublkdisk.control;

import java.time.Duration;
import java.util.List;

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
        return disk.textCall("fault", rule).ok(words -> words.next("a name"));
    }

    /** Puts all rules of a script in force, or none if one is wrong; returns their names. */
    public List<String> addScript(String script) throws DiskException {
        return disk.textCall("script", script).each(words -> words.next("a name"));
    }

    /**
     * Puts a rule in the place of the one of the same name, in one step: there is no request for which neither is in force, and
     * each that arrives after this call meets the new one. Its counters begin at nothing; what the old one held goes on.
     *
     * @param rule one line of the fault language, with {@code rule NAME:} before it
     * @throws DiskException if it has no name, if no rule of that name is armed, or if the disk refuses it; the old one stays
     */
    public void replace(String rule) throws DiskException {
        disk.textCall("replace", rule);
    }

    /** @throws DiskException if there is none of that name, with the nearest */
    public void remove(String name) throws DiskException {
        disk.call("clear", name);
    }

    /** Takes all rules away. Requests that they hold or delay go on at once. */
    public void clear() throws DiskException {
        disk.patientCall("clear");
    }

    /**
     * Waits until a rule has fired that often, counted from when it was armed.
     *
     * @param limit up to ten minutes
     * @return how often it has
     * @throws DiskException if it has not when the time is up, saying how often it has and how many requests it matched
     */
    public long awaitFired(String rule, long times, Duration limit) throws DiskException {
        return await("await-fired", new KeyValues().put("rule", rule).put("times", times), limit);
    }

    /**
     * Waits until a rule holds a request.
     *
     * @param limit up to ten minutes
     * @return how many it holds
     * @throws DiskException if it holds none when the time is up
     */
    public long awaitHeld(String rule, Duration limit) throws DiskException {
        return await("await-held", new KeyValues().put("rule", rule), limit);
    }

    /**
     * Returns the requests that a rule holds now, to look at, in the order in which they came; empty if it holds none. To wait
     * for one there is {@link #awaitHeld}.
     *
     * @throws DiskException if no rule of that name is armed
     */
    public List<HeldRequest> held(String rule) throws DiskException {
        return disk.call("held", rule).each(words -> HeldRequest.parse(KeyValues.parse(words)));
    }

    private long await(String verb, KeyValues fields, Duration limit) throws DiskException {
        fields.put("millis", limit.toMillis());
        return disk.callWithin(limit.plus(ServerConnection.CALL_LIMIT), verb, fields.line())
                .ok(words -> Long.parseLong(words.next("a number")));
    }

    /**
     * Lets requests go on that a rule holds, and ends what it has latched, as {@code disconnect} does; the rule stays armed.
     *
     * @return how many requests those were
     */
    public int release(String rule) throws DiskException {
        return RemoteDisk.number(disk.call("release", rule));
    }

    /** As {@link #release(String)}, of all rules. */
    public int release() throws DiskException {
        return RemoteDisk.number(disk.call("release"));
    }

    /**
     * Fails the requests that a rule holds; they never reach the disk.
     *
     * @param status a name of the fault language, for instance {@code MEDIUM}
     * @return how many requests those were
     */
    public int failHeld(String rule, String status) throws DiskException {
        return RemoteDisk.number(disk.call("release", rule, status));
    }

    /** Returns the lines of its scripts that have a moment, each with what has become of it. */
    public List<StepReport> timeline() throws DiskException {
        return disk.call("timeline").each(words -> StepReport.parse(KeyValues.parse(words)));
    }

    /** Returns the rules that steps of its scripts have taken away, with their last counts. */
    public List<RuleReport> cleared() throws DiskException {
        return disk.call("cleared").each(words -> RuleReport.parse(KeyValues.parse(words)));
    }

    /** Returns the rules in the order in which they came, with their counts. */
    public List<RuleReport> reports() throws DiskException {
        return disk.call("rules").each(words -> RuleReport.parse(KeyValues.parse(words)));
    }
}
