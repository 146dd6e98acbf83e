package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.protocol.StepReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has happened of all that a disk was to do: a fault that does not happen proves nothing. A rule has proved itself when
 * it has fired, a step of a timeline when its moment has come and it could be done. The tries of a property prove together.
 *
 * <p>The server counts what is armed; this remembers the last counts of the rules that were removed, and who is excused.
 * Guarded by its owner.
 */
final class UnusedRules {
    private final Set<String> excused = new HashSet<>();
    private final Map<String, RuleReport> removed = new LinkedHashMap<>();
    /** Texts of rules and steps that happened in an earlier try, and of steps that did not. */
    private final Set<String> proven = new HashSet<>();

    private final Map<String, RuleReport> neverFired = new LinkedHashMap<>();
    private final Map<String, StepReport> neverCame = new LinkedHashMap<>();

    void excuse(String rule) {
        excused.add(rule);
    }

    /** Notes the last report of a rule that was removed. */
    void removed(RuleReport report) {
        removed.put(report.name(), report);
    }

    /** Notes that another rule has its name from now on; whether the old one fired still counts. */
    void replaced(RuleReport report) {
        if (report.fired() > 0) {
            prove(report.text());
        } else if (!excused.contains(report.name())) {
            neverFired.put(report.text(), report);
        }
    }

    /** Armed and removed rules; of a name that was used twice, the armed one. */
    Collection<RuleReport> everyRule(List<RuleReport> armed) {
        Map<String, RuleReport> all = new LinkedHashMap<>(removed);
        armed.forEach(report -> all.put(report.name(), report));
        return all.values();
    }

    /** Returns the rules that were to fire and never did. */
    List<RuleReport> unused(List<RuleReport> armed) {
        Map<String, RuleReport> unused = new LinkedHashMap<>(neverFired);
        for (RuleReport rule : everyRule(armed)) {
            if (isFine(rule) || proven.contains(rule.text())) {
                unused.remove(rule.text());
            } else {
                unused.put(rule.text(), rule);
            }
        }
        return new ArrayList<>(unused.values());
    }

    /** Returns the steps that were to be done and were not. */
    List<StepReport> undone(List<StepReport> steps) {
        Map<String, StepReport> undone = new LinkedHashMap<>(neverCame);
        for (StepReport step : steps) {
            if (isFine(step) || proven.contains(step.text())) {
                undone.remove(step.text());
            } else {
                undone.put(step.text(), step);
            }
        }
        return new ArrayList<>(undone.values());
    }

    /** Begins the next try of a property, and forgets what has happened. */
    void nextTry(List<RuleReport> armed, List<StepReport> steps) {
        unused(armed).forEach(rule -> neverFired.put(rule.text(), rule));
        undone(steps).forEach(step -> neverCame.put(step.text(), step));
        everyRule(armed).stream().filter(this::isFine).map(RuleReport::text).forEach(this::prove);
        steps.stream().filter(this::isFine).map(StepReport::text).forEach(this::prove);
        removed.clear();
        excused.clear();
    }

    private void prove(String text) {
        proven.add(text);
        neverFired.remove(text);
        neverCame.remove(text);
    }

    private boolean isFine(RuleReport rule) {
        return rule.fired() > 0 || excused.contains(rule.name());
    }

    private boolean isFine(StepReport step) {
        return step.isDone() || excused.contains(step.rule());
    }
}
