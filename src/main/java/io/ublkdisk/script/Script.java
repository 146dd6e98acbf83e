package io.ublkdisk.script;

import io.ublkdisk.fault.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A fault script: a seed, and steps in order, most of which are rules that are armed at the start. Immutable. {@link #toString}
 * prints what {@link #parse} reads.
 *
 * @param seed empty where the script leaves it to the program that runs it
 */
public record Script(OptionalLong seed, List<Step> steps) {

    public Script {
        steps = List.copyOf(steps);
    }

    /**
     * Reads a script. Lines end with LF, CR or CRLF; a byte order mark at the beginning is ignored, {@code #} begins a
     * comment.
     *
     * @param source the name of the text, for messages
     * @throws ParseException and nothing else, for a text that is none
     */
    public static Script parse(String text, String source) {
        return new ScriptParser(text, source).parse();
    }

    /**
     * Reads one rule, with or without {@code rule NAME:} before it.
     *
     * @throws ParseException and nothing else, for a text that is none
     */
    public static Rule parseRule(String text) {
        return parseRule(text, "rule");
    }

    public static Rule parseRule(String text, String source) {
        return new RuleParser(new Line(source, 1, text.strip())).parse();
    }

    /**
     * Reads what a power cut leaves: {@code none}, {@code all}, {@code random 0.5}, {@code first 3}, each but the first also
     * with {@code torn} behind it.
     *
     * @throws ParseException and nothing else, for a text that is none
     */
    public static StepAction.PowerCut parseKeep(String text) {
        String line = "at mark \"\" power-cut keep " + text.strip();
        return (StepAction.PowerCut)
                new StepParser(new Line("keep", 1, line)).parse().command();
    }

    /**
     * Reads a time, for instance {@code 500ms}.
     *
     * @throws ParseException saying where it is wrong and what was expected
     */
    public static Duration parseTime(String text) {
        String line = "after " + text.strip() + " power-on";
        StepTrigger moment = new StepParser(new Line("time", 1, line)).parse().moment();
        return Duration.ofNanos(((StepTrigger.After) moment).nanos());
    }

    /** Returns a script of these rules, all armed at the start. */
    public static Script ofRules(OptionalLong seed, List<Rule> rules) {
        return new Script(
                seed,
                rules.stream()
                        .map(rule -> new Step(StepTrigger.START, new StepAction.Arm(rule)))
                        .toList());
    }

    /**
     * Returns the rules of a script that has nothing but rules, for those who run no timeline.
     *
     * @throws IllegalArgumentException for a script with a timeline, so that none is silently left out
     */
    public List<Rule> rules() {
        if (!timeline().isEmpty()) {
            throw new IllegalArgumentException("\"" + timeline().get(0)
                    + "\" waits for a moment, and timelines are not run here; leave that line out, or arm the rule when its time"
                    + " has come");
        }
        return armedAtStart();
    }

    /** Returns what is no mistake of the language and hardly meant: rules that never fire because they say so. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Step step : steps) {
            if (step.command() instanceof StepAction.Arm arm) {
                Rule rule = arm.rule();
                if (rule.trigger().probability() == 0) {
                    warnings.add("\"" + rule + "\" never fires: its probability is 0");
                }
                if (rule.scope().scatter().filter(s -> s.share() == 0).isPresent()) {
                    warnings.add("\"" + rule + "\" never fires: scattered 0 is no sector");
                }
            }
        }
        return warnings;
    }

    /** Returns the rules that are armed at the start, in order. */
    public List<Rule> armedAtStart() {
        return rulesOf(
                steps.stream().filter(s -> s.moment().equals(StepTrigger.START)).toList());
    }

    /** Returns the steps that wait for their moment. */
    public List<Step> timeline() {
        return steps.stream().filter(s -> !s.moment().equals(StepTrigger.START)).toList();
    }

    /**
     * Checks that a disk of that size has all sectors that the rules name.
     *
     * @throws IllegalArgumentException naming the rule, its sector, and the disk's last
     */
    public void checkAgainst(long sizeBytes) {
        rulesOf(steps).forEach(rule -> rule.checkAgainst(sizeBytes));
    }

    private static List<Rule> rulesOf(List<Step> steps) {
        List<Rule> rules = new ArrayList<>();
        for (Step step : steps) {
            if (step.command() instanceof StepAction.Arm arm) {
                rules.add(arm.rule());
            }
        }
        return rules;
    }

    /** Returns the script as the language writes it, one line for each step. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        seed.ifPresent(s -> text.append("seed ").append(s).append('\n'));
        steps.forEach(step -> text.append(step).append('\n'));
        return text.toString();
    }
}
