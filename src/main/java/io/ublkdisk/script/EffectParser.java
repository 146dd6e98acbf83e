package io.ublkdisk.script;

import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.effect.DelayEffect;
import io.ublkdisk.fault.effect.FailEffect;
import io.ublkdisk.fault.effect.FlipEffect;
import io.ublkdisk.fault.effect.Latency;
import java.util.List;

/** The effects of the language: one word, one method. */
final class EffectParser {
    static final List<String> WORDS = List.of("fail", "delay", "flip");

    private final Line line;
    private final Values values;

    EffectParser(Line line) {
        this.line = line;
        this.values = new Values(line);
    }

    /** What follows the effect's word. */
    Effect parse(Token word) {
        return values.checked(word, () -> switch (word.text()) {
            case "fail" -> fail();
            case "delay" -> delay();
            case "flip" -> flip();
            default -> throw line.unexpected(word, WORDS);
        });
    }

    /** fail STATUS [ after N sectors ] */
    private Effect fail() {
        var status = values.status();
        if (!line.takes("after")) {
            return new FailEffect(status);
        }
        int sectors = values.smallNumber("how many sectors");
        line.word("sectors", "sector");
        return new FailEffect(status, sectors);
    }

    /** delay LATENCY [ budget TIME ] */
    private Effect delay() {
        Latency latency = latency();
        long budget = line.takes("budget") ? values.time("a time") : DelayEffect.NO_BUDGET;
        return new DelayEffect(latency, budget);
    }

    private Latency latency() {
        if (line.takes("uniform")) {
            long[] ends = values.times("two times, for instance 1ms..5ms");
            return new Latency.Uniform(ends[0], ends[1]);
        }
        if (line.takes("normal")) {
            long mean = values.time("the middle");
            line.word("sd");
            return new Latency.Normal(mean, values.time("the standard deviation"));
        }
        if (line.takes("lognormal")) {
            line.word("p50");
            long p50 = values.time("the median");
            line.word("p99");
            return new Latency.LogNormal(p50, values.time("the 99th percentile"));
        }
        if (line.takes("pareto")) {
            line.word("min");
            long min = values.time("the shortest");
            line.word("shape");
            return new Latency.Pareto(min, values.fraction("the shape, for instance 1.5"));
        }
        Token token = line.peek();
        if (token.type() == Token.Type.WORD && !Character.isDigit(token.text().charAt(0))) {
            throw line.unexpected(token, List.of("a time", "uniform", "normal", "lognormal", "pareto"));
        }
        return new Latency.Fixed(values.time("a time"));
    }

    /** flip N bits [ transient ] */
    private Effect flip() {
        int bits = values.smallNumber("how many bits");
        line.word("bit", "bits");
        return new FlipEffect(bits, line.takes("transient"));
    }
}
