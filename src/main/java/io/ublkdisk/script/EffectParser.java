package io.ublkdisk.script;

import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.effect.BadSectorEffect;
import io.ublkdisk.fault.effect.DelayEffect;
import io.ublkdisk.fault.effect.DisconnectEffect;
import io.ublkdisk.fault.effect.FailEffect;
import io.ublkdisk.fault.effect.FlipEffect;
import io.ublkdisk.fault.effect.GarbageEffect;
import io.ublkdisk.fault.effect.HoldEffect;
import io.ublkdisk.fault.effect.Latency;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.fault.effect.LoseEffect;
import io.ublkdisk.fault.effect.MisdirectEffect;
import io.ublkdisk.fault.effect.NoteEffect;
import io.ublkdisk.fault.effect.ReadOnlyEffect;
import io.ublkdisk.fault.effect.SetEffect;
import io.ublkdisk.fault.effect.Span;
import io.ublkdisk.fault.effect.StaleEffect;
import io.ublkdisk.fault.effect.TearEffect;
import io.ublkdisk.fault.effect.ThrottleEffect;
import io.ublkdisk.fault.effect.WearEffect;
import io.ublkdisk.fault.effect.ZeroEffect;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The effects of the language: one word, one method. */
final class EffectParser {
    static final List<String> WORDS = List.of(
            "fail",
            "delay",
            "throttle",
            "hold",
            "note",
            "disconnect",
            "read-only",
            "wear",
            "lie",
            "flip",
            "set",
            "zero",
            "garbage",
            "lose",
            "tear",
            "misdirect",
            "stale",
            "bad-sector");

    /** Words of other tools and of plain speech, and what is meant by them here. */
    private static final Map<String, List<String>> MEANT = Map.ofEntries(
            Map.entry("corrupt", List.of("flip", "garbage", "zero")),
            Map.entry("damage", List.of("flip", "garbage", "zero")),
            Map.entry("rot", List.of("flip")),
            Map.entry("bitflip", List.of("flip")),
            Map.entry("noise", List.of("garbage")),
            Map.entry("random", List.of("garbage")),
            Map.entry("error", List.of("fail")),
            Map.entry("eio", List.of("fail")),
            Map.entry("reject", List.of("fail")),
            Map.entry("slow", List.of("delay", "throttle")),
            Map.entry("latency", List.of("delay")),
            Map.entry("sleep", List.of("delay")),
            Map.entry("limit", List.of("throttle", "wear")),
            Map.entry("hang", List.of("hold")),
            Map.entry("stall", List.of("hold", "delay")),
            Map.entry("block", List.of("hold")),
            Map.entry("pause", List.of("hold")),
            Map.entry("drop", List.of("lose")),
            Map.entry("ignore", List.of("lose", "lie")),
            Map.entry("torn", List.of("tear")),
            Map.entry("readonly", List.of("read-only")),
            Map.entry("offline", List.of("disconnect")),
            Map.entry("unplug", List.of("disconnect")),
            Map.entry("count", List.of("note")),
            Map.entry("log", List.of("note")));

    private final Line line;
    private final Values values;

    EffectParser(Line line) {
        this.line = line;
        this.values = new Values(line);
    }

    /** Returns the effects that such a word may mean; empty if it is no common word for one. */
    static List<String> meantBy(String word) {
        return MEANT.getOrDefault(word.toLowerCase(Locale.ROOT), List.of());
    }

    /** Returns what follows the effect's word. */
    Effect parse(Token word) {
        return values.checked(word, () -> switch (word.text()) {
            case "fail" -> fail();
            case "delay" -> delay();
            case "throttle" -> throttle();
            case "hold" -> new HoldEffect();
            case "note" -> new NoteEffect();
            case "disconnect" -> new DisconnectEffect();
            case "read-only" -> new ReadOnlyEffect();
            case "wear" -> new WearEffect(values.amount("write", "writes"));
            case "lie" -> lie();
            case "flip" -> flip();
            case "set" -> new SetEffect(values.hexByte(), span());
            case "zero" -> new ZeroEffect(span());
            case "garbage" -> new GarbageEffect(span(), line.takes("transient"));
            case "lose" -> new LoseEffect();
            case "tear" -> tear();
            case "misdirect" -> misdirect();
            case "stale" -> new StaleEffect();
            case "bad-sector" -> new BadSectorEffect();
            default -> throw line.unexpected(word, WORDS);
        });
    }

    /** fail STATUS [ after N sectors ] */
    private Effect fail() {
        var status = values.status();
        if (!line.takes("after")) {
            return new FailEffect(status);
        }
        int sectors = values.smallNumber("a number of sectors");
        line.word("sectors", "sector");
        return new FailEffect(status, sectors);
    }

    /** delay LATENCY [ lanes N ] [ budget TIME ] */
    private Effect delay() {
        Latency latency = latency();
        int lanes = line.takes("lanes") ? values.positive("a number of lanes") : DelayEffect.NO_LANES;
        long budget = line.takes("budget") ? values.time("a time") : DelayEffect.NO_BUDGET;
        return new DelayEffect(latency, lanes, budget);
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

    /** throttle AMOUNT per TIME [ burst AMOUNT ] */
    private Effect throttle() {
        Amount rate = values.amount("request", "requests");
        line.word("per");
        long period = values.time("a time");
        Optional<Amount> burst =
                line.takes("burst") ? Optional.of(values.amount("request", "requests")) : Optional.empty();
        return new ThrottleEffect(rate, period, burst);
    }

    /** lie [ about sectors RANGES ] [ durable after TIME ] */
    private Effect lie() {
        Optional<Ranges> about = Optional.empty();
        if (line.takes("about")) {
            line.word("sectors");
            about = Optional.of(values.numbers("sectors, for instance 8..15"));
        }
        long after = LieEffect.NOT_BY_ITSELF;
        if (line.takes("durable")) {
            line.word("after");
            after = values.time("a time");
        }
        return new LieEffect(about, after);
    }

    /** [ N bytes [ at OFFSET ] ] */
    private Span span() {
        Token token = line.peek();
        if (token.type() != Token.Type.WORD || !Character.isDigit(token.text().charAt(0))) {
            return Span.WHOLE;
        }
        int bytes = values.smallNumber("a number of bytes");
        line.word("bytes", "byte");
        int offset = line.takes("at") ? values.smallNumber("a byte of the sector, 0 to 511") : Span.KEYED;
        return values.checked(token, () -> new Span(bytes, offset));
    }

    /** tear keep ( N sectors | last N sectors | sectors RANGES ) [ rest old | zero | garbage ] */
    private Effect tear() {
        line.word("keep");
        boolean last = line.takes("last");
        Ranges kept;
        if (!last && line.takes("sectors")) {
            kept = values.numbers("places in the write, for instance 0,2..3");
        } else {
            int sectors = values.positive(last ? "a number of sectors" : "a number, last or sectors");
            line.word("sectors", "sector");
            kept = Ranges.ofLength(0, sectors);
        }
        TearEffect.Rest rest = TearEffect.Rest.OLD;
        if (line.takes("rest")) {
            Token token = line.word("old", "zero", "garbage");
            rest = TearEffect.Rest.valueOf(token.text().toUpperCase(Locale.ROOT));
        }
        return new TearEffect(kept, last, rest);
    }

    /** misdirect by N, which may be negative */
    private Effect misdirect() {
        line.word("by");
        return new MisdirectEffect(values.signed("a number of sectors, for instance 8 or -8"));
    }

    /** flip N bits [ transient ] */
    private Effect flip() {
        int bits = values.smallNumber("a number of bits");
        line.word("bit", "bits");
        return new FlipEffect(bits, line.takes("transient"));
    }
}
