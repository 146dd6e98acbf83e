package io.ublkdisk.script;

import io.ublkdisk.fault.Condition;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleBuilder;
import io.ublkdisk.fault.Text;
import io.ublkdisk.fault.effect.Effects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** One rule: {@code [ rule NAME: ] on KINDS CLAUSES EFFECT LIFETIME}. Builds by the same calls as a user in Java. */
final class RuleParser {
    private static final List<String> KINDS =
            Arrays.stream(Kind.values()).map(Kind::word).toList();
    private static final List<String> REQUEST_CLAUSES =
            List.of("sectors", "bytes", "size", "metadata", "fua", "containing", "while");
    static final List<String> CLAUSES = Stream.concat(
                    REQUEST_CLAUSES.stream(),
                    Stream.of("scattered", "not", "after", "since", "nth", "every", "sequence", "times", "with"))
            .toList();
    private static final List<String> AFTER_ON =
            Stream.concat(CLAUSES.stream(), Effects.WORDS.stream()).toList();

    private final Line line;
    private final Values values;

    RuleParser(Line line) {
        this.line = line;
        this.values = new Values(line);
    }

    /** Returns the rest of the line, which must be a rule. */
    Rule parse() {
        String name = line.takes("rule") ? name() : "";
        if (!name.isEmpty() && !line.takes(Token.Type.COLON)) {
            throw line.error(line.peek(), "found " + line.peek().shown() + ", expected \":\" after the rule's name");
        }
        Token on = line.next();
        if (!on.is("on")) {
            throw line.unexpected(on, name.isEmpty() ? List.of("rule", "on") : List.of("on"));
        }
        RuleBuilder builder = values.checked(on, () -> Rule.on(kinds()));
        while (true) {
            Token word = line.next();
            if (word.type() == Token.Type.WORD && Effects.has(word.text())) {
                Effect effect = values.checked(
                        word, () -> Effects.syntax(word.text()).reader().apply(values));
                return lifetime(values.checked(word, () -> {
                    Rule rule = builder.effect(effect);
                    return name.isEmpty() ? rule : rule.named(name);
                }));
            }
            if (word.type() != Token.Type.WORD || !CLAUSES.contains(word.text())) {
                throw new ParseException(
                        line,
                        word,
                        "found " + word.shown() + ", expected an effect (" + String.join(", ", Effects.WORDS)
                                + ") or a clause before it (" + String.join(", ", CLAUSES) + ")",
                        AFTER_ON,
                        Effects.meantBy(word.text()));
            }
            values.checked(word, () -> clause(word, builder));
        }
    }

    /** Returns a rule's name. */
    String name() {
        Token token = line.any("a name for the rule");
        return values.checked(token, () -> Text.checkName(token.text()));
    }

    private Kind[] kinds() {
        List<Kind> kinds = new ArrayList<>();
        do {
            Token token = line.next();
            int index = token.type() == Token.Type.WORD ? KINDS.indexOf(token.text()) : -1;
            if (index < 0) {
                throw line.unexpected(token, KINDS);
            }
            if (kinds.contains(Kind.values()[index])) {
                throw line.error(token, token.text() + " is given twice; leave one out");
            }
            kinds.add(Kind.values()[index]);
        } while (line.takes(Token.Type.COMMA));
        return kinds.toArray(Kind[]::new);
    }

    private RuleBuilder clause(Token word, RuleBuilder into) {
        return switch (word.text()) {
            case "not" -> {
                Token next = line.next();
                if (next.type() != Token.Type.WORD || !REQUEST_CLAUSES.contains(next.text())) {
                    throw line.unexpected(next, REQUEST_CLAUSES);
                }
                yield values.checked(next, () -> clause(next, into.not()));
            }
            case "sectors" -> into.sectors(values.numbers("sectors, for instance 8..15 or 2048+8 or 100.."));
            case "bytes" -> {
                Token token = line.peek();
                Ranges bytes = values.sizes("bytes, for instance 1MiB+64KiB");
                yield into.sectors(values.checked(token, () -> RuleBuilder.sectorsOfBytes(bytes)));
            }
            case "scattered" -> {
                double share = values.fraction("a share, for instance 0.01");
                yield into.scattered(share, line.takes("runs") ? values.smallNumber("a number of sectors") : 1);
            }
            case "metadata" -> into.metadata();
            case "fua" -> into.fua();
            case "size" -> into.condition(new Condition.Sized(values.sizes("sizes, for instance 4KiB..64KiB")));
            case "containing" -> into.condition(new Condition.Containing(content()));
            case "while" -> into.whileOn(name());
            case "after" -> into.after(values.amount("request", "requests"));
            case "since" -> into.since(name());
            case "nth" -> into.nth(values.numbers("numbers from 1, for instance 3 or 2,5..7"));
            case "every" -> into.every(values.number("a number from 1"));
            case "sequence" ->
                into.sequence(line.any("letters, for instance wwxW").text());
            case "times" -> into.times(values.number("a number from 1"));
            default -> {
                line.word("probability");
                yield into.probability(values.fraction("a number from 0 to 1"));
            }
        };
    }

    /** Text in quotes, or hex digits after 0x; as bytes 0 to 255. */
    private String content() {
        Token token = line.next();
        if (token.type() == Token.Type.STRING) {
            return token.text();
        }
        if (token.type() != Token.Type.WORD || !token.text().matches("0x([0-9a-fA-F]{2})+")) {
            throw line.error(token, "found " + token.shown() + ", expected a text in quotes, or bytes such as 0xcafe");
        }
        StringBuilder bytes = new StringBuilder();
        for (int i = 2; i < token.text().length(); i += 2) {
            bytes.append((char) Integer.parseInt(token.text().substring(i, i + 2), 16));
        }
        return bytes.toString();
    }

    /** Reads the clauses of the lifetime, in either order, each once. */
    private Rule lifetime(Rule rule) {
        Rule result = rule;
        boolean lasts = false;
        boolean heals = false;
        while (!line.atEnd()) {
            Token word = line.peek();
            Rule before = result;
            if (!lasts && line.takes("for")) {
                long nanos = values.time("a time");
                result = values.checked(word, () -> before.lasting(Duration.ofNanos(nanos)));
                lasts = true;
            } else if (!heals && line.takes("until")) {
                line.word("rewritten");
                result = values.checked(word, before::untilRewritten);
                heals = true;
            } else if (word.is("for") || word.is("until")) {
                throw line.error(word, word.text() + " is given twice; leave one out");
            } else {
                throw behindTheEffect(word, rule);
            }
        }
        return result;
    }

    /** Returns what is wrong with a word behind the effect: what counts requests stands before it. */
    private ParseException behindTheEffect(Token word, Rule rule) {
        boolean isClause = CLAUSES.stream().anyMatch(word::is);
        return isClause
                ? line.error(
                        word,
                        "\"" + word.text() + "\" stands before the effect: write it between \"on\" and \""
                                + rule.effect().word() + "\"")
                : line.unexpected(word, List.of("for", "until", "the end of the line"));
    }
}
