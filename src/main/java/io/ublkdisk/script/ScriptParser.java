package io.ublkdisk.script;

import io.ublkdisk.fault.Condition;
import io.ublkdisk.fault.Part;
import io.ublkdisk.fault.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A whole script: its lines, and what only shows between them. */
final class ScriptParser {
    private final String text;
    private final String source;
    private final List<Step> steps = new ArrayList<>();
    private final List<Mention> mentions = new ArrayList<>();
    private final List<Named> ending = new ArrayList<>();
    private final List<Named> routing = new ArrayList<>();
    private final Map<String, Integer> lineOfName = new LinkedHashMap<>();
    private final Map<String, Rule> ruleOfName = new HashMap<>();
    private OptionalLong seed = OptionalLong.empty();

    /** A rule's name used in another line. */
    private record Mention(String name, Line line) {}

    /** A rule and its line. */
    private record Named(Rule rule, int number) {}

    ScriptParser(String text, String source) {
        this.text = text;
        this.source = source;
    }

    Script parse() {
        int number = 0;
        int start = text.startsWith("\uFEFF") ? 1 : 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            Line line = new Line(source, ++number, text.substring(start, end));
            start = end + (text.startsWith("\r\n", end) ? 2 : 1);
            if (!line.atEnd()) {
                line(line);
            }
        }
        for (Mention mention : mentions) {
            if (!lineOfName.containsKey(mention.name())) {
                throw unknownName(mention);
            }
        }
        checkCircles();
        return new Script(seed, steps);
    }

    private void checkCircles() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        lineOfName.forEach((name, number) -> rules.put(name, ruleOfName.get(name)));
        List<String> circle = Rule.waitingInACircle(rules);
        if (!circle.isEmpty()) {
            throw unknownOrWaiting(
                    mentions.stream()
                            .filter(m -> circle.contains(m.name())
                                    && m.line().number() == lineOfName.get(circle.get(circle.size() - 1)))
                            .findFirst()
                            .orElseThrow(),
                    "the rules " + String.join(" and ", circle)
                            + " wait for each other's first firing, so none of them can ever fire; leave out one of their"
                            + " while and since",
                    List.of());
        }
    }

    private void line(Line line) {
        Token first = line.peek();
        if (line.takes("seed")) {
            if (seed.isPresent() || !steps.isEmpty()) {
                throw line.error(first, "the seed stands once, before everything else; move it, or leave it out");
            }
            seed = OptionalLong.of(seed(line));
            return;
        }
        Step step = new StepParser(line).parse();
        steps.add(step);
        if (step.moment() instanceof StepTrigger.WhenFires when) {
            mentions.add(new Mention(when.ruleName(), line));
        }
        if (step.command() instanceof StepAction.Arm arm) {
            rule(arm.rule(), step.moment(), line, first);
        } else if (step.command() instanceof StepAction.Clear clear
                && !clear.ruleName().isEmpty()) {
            mentions.add(new Mention(clear.ruleName(), line));
        } else if (step.command() instanceof StepAction.Release release
                && !release.ruleName().isEmpty()) {
            mentions.add(new Mention(release.ruleName(), line));
        }
    }

    private void rule(Rule rule, StepTrigger moment, Line line, Token first) {
        if (!rule.name().isEmpty()) {
            ruleOfName.putIfAbsent(rule.name(), rule);
            Integer before = lineOfName.putIfAbsent(rule.name(), line.number());
            if (before != null) {
                throw line.error(
                        first, "line " + before + " has a rule named " + rule.name() + " already; choose another name");
            }
        }
        if (!rule.trigger().since().isEmpty()) {
            mentions.add(new Mention(rule.trigger().since(), line));
        }
        for (Condition condition : rule.scope().conditions()) {
            Condition inner = condition instanceof Condition.Not not ? not.condition() : condition;
            if (inner instanceof Condition.While state) {
                mentions.add(new Mention(state.ruleName(), line));
            }
        }
        if (moment instanceof StepTrigger.Start) {
            for (Named earlier : ending) {
                if (earlier.rule().leavesNothingFor(rule)) {
                    throw line.error(
                            first,
                            "this rule can never fire: line " + earlier.number() + " ("
                                    + earlier.rule().text()
                                    + ") fails all of its requests before it; leave one of the two out");
                }
            }
            for (Named earlier : routing) {
                if (earlier.rule().contradicts(rule)) {
                    throw line.error(
                            first,
                            "this rule contradicts line " + earlier.number() + " ("
                                    + earlier.rule().text()
                                    + "): both would hit the same sectors of the same requests, which can go one way"
                                    + " only; leave one of the two out, or give them different sectors");
                }
            }
            if (rule.effect().part() == Part.MEDIA && routing.size() < 100) {
                routing.add(new Named(rule, line.number()));
            }
            if (rule.failsAll() && ending.size() < 100) {
                ending.add(new Named(rule, line.number()));
            }
        }
    }

    private ParseException unknownName(Mention mention) {
        return unknownOrWaiting(
                mention,
                "this script has no rule named " + mention.name(),
                lineOfName.keySet().stream().sorted().toList());
    }

    private static ParseException unknownOrWaiting(Mention mention, String problem, List<String> names) {
        Line line = mention.line();
        for (Token token : line.tokens()) {
            if (token.is(mention.name())) {
                return new ParseException(line, token, problem, names);
            }
        }
        throw new AssertionError("a mention is in its line");
    }

    private static long seed(Line line) {
        Token token = line.any("a number");
        line.end();
        try {
            return Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw line.error(token, "found " + token.shown() + ", expected a whole number from -2^63 to 2^63 - 1");
        }
    }
}
