package io.ublkdisk.script;

import io.ublkdisk.fault.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A fault script: a seed, and rules in order. Immutable. {@link #toString} prints what {@link #parse} reads.
 *
 * @param seed empty where the script leaves it to whoever runs it
 */
public record Script(OptionalLong seed, List<Rule> rules) {

    public Script {
        rules = List.copyOf(rules);
    }

    /**
     * Reads a script. Lines end with LF, CR or CRLF; a byte order mark at the beginning is ignored, {@code #} begins a
     * comment.
     *
     * @param source the name of the text, for messages
     * @throws ParseException and nothing else, for a text that is none
     */
    public static Script parse(String text, String source) {
        OptionalLong seed = OptionalLong.empty();
        List<Rule> rules = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        int number = 0;
        int start = text.startsWith("\uFEFF") ? 1 : 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            Line line = new Line(source, ++number, text.substring(start, end));
            start = end + (text.startsWith("\r\n", end) ? 2 : 1);
            Token first = line.peek();
            if (first.isEnd()) {
                continue;
            }
            if (line.takes("seed")) {
                if (seed.isPresent() || !rules.isEmpty()) {
                    throw line.error(first, "the seed stands once, before everything else; move it, or leave it out");
                }
                seed = OptionalLong.of(seed(line));
                continue;
            }
            if (!first.is("rule") && !first.is("on")) {
                throw line.unexpected(first, List.of("seed", "rule", "on"));
            }
            Rule rule = new RuleParser(line).parse();
            Integer before = rule.name().isEmpty() ? null : lines.putIfAbsent(rule.name(), number);
            if (before != null) {
                throw line.error(
                        first, "line " + before + " has a rule named " + rule.name() + " already; choose another name");
            }
            rules.add(rule);
        }
        return new Script(seed, rules);
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

    private static long seed(Line line) {
        Token token = line.any("a number");
        line.end();
        try {
            return Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw line.error(token, "found " + token.shown() + ", expected a whole number from -2^63 to 2^63 - 1");
        }
    }

    /**
     * Whether a disk of that size has all sectors that the rules name.
     *
     * @throws IllegalArgumentException naming the rule, its last sector, and the disk's
     */
    public void checkAgainst(long sizeBytes) {
        rules.forEach(rule -> rule.checkAgainst(sizeBytes));
    }

    /** The script as the language writes it, one line for each rule. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        seed.ifPresent(s -> text.append("seed ").append(s).append('\n'));
        rules.forEach(rule -> text.append(rule).append('\n'));
        return text.toString();
    }
}
