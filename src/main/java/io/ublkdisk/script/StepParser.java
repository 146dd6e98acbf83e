package io.ublkdisk.script;

import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Rule;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One line of a script: {@code [ MOMENT ] RULE}, or {@code MOMENT COMMAND}. */
final class StepParser {
    private static final List<String> RULES = List.of("rule", "on");
    private static final List<String> MOMENTS = List.of("after", "at", "when");
    private static final List<String> COMMANDS = List.of("clear", "release", "power-cut", "power-on");
    private static final List<String> BEGINNINGS =
            Stream.of(List.of("seed"), RULES, MOMENTS).flatMap(List::stream).toList();
    private static final List<String> AFTER_MOMENT =
            Stream.of(RULES, COMMANDS).flatMap(List::stream).toList();
    private static final List<String> AT = Stream.concat(
                    Stream.of("mark"), Arrays.stream(Kind.values()).map(Kind::word))
            .toList();

    private final Line line;
    private final Values values;

    StepParser(Line line) {
        this.line = line;
        this.values = new Values(line);
    }

    Step parse() {
        StepTrigger moment = moment();
        Token first = line.peek();
        if (RULES.stream().anyMatch(first::is)) {
            Rule rule = new RuleParser(line).parse();
            return new Step(moment, new StepAction.Arm(rule));
        }
        if (moment == StepTrigger.START) {
            if (COMMANDS.stream().anyMatch(first::is)) {
                throw line.error(first, first.text() + " needs a moment; write for instance after 10s " + first.text());
            }
            throw line.unexpected(first, BEGINNINGS);
        }
        StepAction command = command();
        line.end();
        return new Step(moment, command);
    }

    private StepTrigger moment() {
        if (line.takes("after")) {
            Token token = line.peek();
            long nanos = values.time("a time");
            return values.checked(token, () -> new StepTrigger.After(nanos));
        }
        if (line.takes("at")) {
            return at();
        }
        if (line.takes("when")) {
            String name = new RuleParser(line).name();
            line.word("fires");
            return new StepTrigger.WhenFires(name);
        }
        return StepTrigger.START;
    }

    private StepTrigger at() {
        Token word = line.word(AT.toArray(String[]::new));
        if (word.is("mark")) {
            Token mark = line.next();
            if (mark.type() != Token.Type.STRING) {
                throw line.error(mark, "found " + mark.shown() + ", expected the mark in quotes");
            }
            byte[] bytes = mark.text().getBytes(StandardCharsets.ISO_8859_1);
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
                throw line.error(mark, "the mark is not UTF-8; marks are text");
            }
            return new StepTrigger.AtMark(text);
        }
        Kind kind = Kind.values()[AT.indexOf(word.text()) - 1];
        Token token = line.peek();
        long number = values.number("a number from 1");
        return values.checked(token, () -> new StepTrigger.AtRequest(kind, number));
    }

    private StepAction command() {
        Token word = line.next();
        if (word.is("clear")) {
            return new StepAction.Clear(optionalName());
        }
        if (word.is("release")) {
            return new StepAction.Release(optionalName());
        }
        if (word.is("power-on")) {
            return new StepAction.PowerOn();
        }
        if (word.is("power-cut")) {
            StepAction.Keep keep = line.takes("keep") ? keep() : new StepAction.Keep.None();
            Token torn = line.peek();
            Optional<StepAction.Torn> how = line.takes("torn") ? Optional.of(torn()) : Optional.empty();
            return values.checked(torn, () -> new StepAction.PowerCut(keep, how));
        }
        throw line.unexpected(word, AFTER_MOMENT);
    }

    private StepAction.Keep keep() {
        Token word = line.word("none", "all", "random", "first", "only");
        return switch (word.text()) {
            case "none" -> new StepAction.Keep.None();
            case "all" -> new StepAction.Keep.All();
            case "first" -> new StepAction.Keep.First(values.number("how many writes"));
            case "only" -> new StepAction.Keep.Only(values.numbers("the numbers of changes, for instance 3..5,8"));
            default -> {
                Token token = line.peek();
                double probability = values.fraction("a number from 0 to 1");
                yield values.checked(token, () -> new StepAction.Keep.Random(probability));
            }
        };
    }

    private StepAction.Torn torn() {
        StepAction.Torn.Side side = line.takes("right")
                ? StepAction.Torn.Side.RIGHT
                : line.takes("subset") ? StepAction.Torn.Side.SUBSET : StepAction.Torn.Side.LEFT;
        StepAction.Torn.Rest rest = line.takes("zeroes")
                ? StepAction.Torn.Rest.ZEROES
                : line.takes("garbage") ? StepAction.Torn.Rest.GARBAGE : StepAction.Torn.Rest.OLD;
        Token token = line.peek();
        long atomic = line.takes("atomic") ? values.size("what is written wholly, for instance 4KiB") : 0;
        return values.checked(token, () -> new StepAction.Torn(side, rest, atomic));
    }

    private String optionalName() {
        return line.atEnd() ? "" : new RuleParser(line).name();
    }
}
