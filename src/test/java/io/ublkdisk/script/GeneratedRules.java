package io.ublkdisk.script;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Condition;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.Kind;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.RuleBuilder;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Any rule that there can be, from a number. */
final class GeneratedRules {
    private static final List<String> NAMES =
            List.of("a", "rule-1", "bad_sector.2", "on", "any", "seed", "x".repeat(64));
    private final Random random;

    private GeneratedRules(long seed) {
        random = new Random(seed);
    }

    static Rule rule(long seed) {
        GeneratedRules generated = new GeneratedRules(seed);
        while (true) {
            try {
                return generated.rule();
            } catch (IllegalArgumentException cannotBe) {
                // another
            }
        }
    }

    static Step step(long seed) {
        GeneratedRules generated = new GeneratedRules(seed);
        StepAction command = switch (generated.below(6)) {
            case 0 -> new StepAction.Clear(generated.maybe() ? "" : generated.name());
            case 1 -> new StepAction.Release(generated.maybe() ? "" : generated.name());
            case 2 -> new StepAction.PowerOn();
            case 3 -> {
                StepAction.Keep keep = switch (generated.below(5)) {
                    case 0 -> new StepAction.Keep.None();
                    case 1 -> new StepAction.Keep.All();
                    case 2 -> new StepAction.Keep.Random(generated.random.nextDouble());
                    case 3 -> new StepAction.Keep.Only(Ranges.ofLength(generated.below(1000), 1 + generated.below(9)));
                    default -> new StepAction.Keep.First(generated.below(1000));
                };
                boolean torn = generated.maybe() && !(keep instanceof StepAction.Keep.None);
                yield new StepAction.PowerCut(
                        keep,
                        torn
                                ? Optional.of(new StepAction.Torn(
                                        StepAction.Torn.Side.values()[generated.below(3)],
                                        StepAction.Torn.Rest.values()[generated.below(3)],
                                        generated.below(3) * 4096L))
                                : Optional.empty());
            }
            default -> new StepAction.Arm(rule(generated.random.nextLong()));
        };
        StepTrigger moment = switch (generated.below(4)) {
            case 0 -> new StepTrigger.After(generated.nanos());
            case 1 -> new StepTrigger.AtMark("a \"mark\" \\ \t \u00e9 #, : \ud83d\ude00 " + generated.below(9));
            case 2 -> new StepTrigger.AtRequest(Kind.values()[generated.below(8)], 1 + generated.below(99));
            default -> new StepTrigger.WhenFires(generated.name());
        };
        return new Step(moment, command);
    }

    private Rule rule() {
        List<Kind> kinds = new ArrayList<>();
        for (int i = 1 + below(2); i > 0; i--) {
            kinds.add(Kind.values()[below(Kind.values().length)]);
        }
        RuleBuilder builder = Rule.on(kinds.toArray(Kind[]::new));
        requestClauses(builder);
        countingClauses(builder);
        Rule rule = builder.effect(effect());
        rule = maybe() ? rule.named(name()) : rule;
        rule = below(5) == 0 ? rule.lasting(Duration.ofNanos(nanos())) : rule;
        return below(5) == 0 ? rule.untilRewritten() : rule;
    }

    private void requestClauses(RuleBuilder builder) {
        if (maybe()) {
            (below(4) == 0 ? builder.not() : builder).sectors(ranges(1L << (1 + below(50))));
        }
        if (below(5) == 0) {
            builder.scattered(fraction(), 1 + below(64));
        }
        while (below(3) == 0) {
            if (maybe()) {
                builder.not();
            }
            switch (below(5)) {
                case 0 -> builder.metadata();
                case 1 -> builder.fua();
                case 2 -> builder.condition(new Condition.Sized(ranges(1L << (1 + below(40)))));
                case 3 -> builder.whileOn(name());
                default -> {
                    byte[] bytes = new byte[1 + below(12)];
                    random.nextBytes(bytes);
                    builder.containing(bytes);
                }
            }
        }
    }

    private void countingClauses(RuleBuilder builder) {
        if (below(5) == 0) {
            builder.after(amount());
        }
        if (below(5) == 0) {
            builder.since(name());
        }
        if (below(3) == 0) {
            builder.nth(ranges(1000));
        }
        if (below(5) == 0) {
            builder.every(1 + below(100));
        }
        if (below(8) == 0) {
            builder.sequence(List.of("x", "wwxW", "X", "wxwxwX").get(below(4)));
        }
        if (below(3) == 0) {
            builder.probability(fraction());
        }
        if (below(4) == 0) {
            builder.times(1 + below(1000));
        }
    }

    private Effect effect() {
        return switch (below(18)) {
            case 0 -> new FailEffect(BlockStatus.values()[below(BlockStatus.values().length)], maybe() ? 0 : below(9));
            case 1 -> new DelayEffect(latency(), maybe() ? 0 : 1 + below(99), maybe() ? Long.MAX_VALUE : nanos());
            case 2 -> new HoldEffect();
            case 3 -> new NoteEffect();
            case 4 -> new DisconnectEffect();
            case 5 -> new ReadOnlyEffect();
            case 6 -> new WearEffect(amount());
            case 7 -> new ThrottleEffect(amount(), nanos(), maybe() ? Optional.empty() : Optional.of(amount()));
            case 8 ->
                new LieEffect(
                        maybe() ? Optional.empty() : Optional.of(ranges(9999)), maybe() ? Long.MAX_VALUE : nanos());
            case 9 -> new FlipEffect(1 + below(4096), maybe());
            case 10 -> new SetEffect(below(256), span());
            case 11 -> new ZeroEffect(span());
            case 12 -> new GarbageEffect(span(), maybe());
            case 13 -> new LoseEffect();
            case 14 -> new TearEffect(ranges(20), below(3) == 0, TearEffect.Rest.values()[below(3)]);
            case 15 -> new MisdirectEffect(below(2000) - 1000);
            case 16 -> new StaleEffect();
            default -> new BadSectorEffect();
        };
    }

    private Latency latency() {
        return switch (below(5)) {
            case 0 -> new Latency.Fixed(nanos());
            case 1 -> new Latency.Uniform(nanos(), nanos());
            case 2 -> new Latency.Normal(nanos(), nanos());
            case 3 -> new Latency.LogNormal(nanos(), nanos());
            default -> new Latency.Pareto(nanos(), random.nextDouble() * 10);
        };
    }

    private Span span() {
        return below(3) == 0 ? Span.WHOLE : new Span(1 + below(512), below(3) == 0 ? Span.KEYED : below(512));
    }

    private Amount amount() {
        return new Amount(1 + (random.nextLong() >>> (24 + below(40))), Amount.Unit.values()[below(3)]);
    }

    private Ranges ranges(long bound) {
        List<Ranges> parts = new ArrayList<>();
        do {
            long first = (random.nextLong() >>> 1) % bound;
            parts.add(below(9) == 0 ? Ranges.from(first) : Ranges.ofLength(first, 1 + below(50)));
        } while (maybe());
        return Ranges.merged(parts);
    }

    private double fraction() {
        return switch (below(4)) {
            case 0 -> 0.5;
            case 1 -> -0.0;
            case 2 -> Double.MIN_VALUE * below(9);
            default -> random.nextDouble();
        };
    }

    private long nanos() {
        return (1 + below(999))
                        * List.of(1L, 1_000L, 1_000_000L, 1_000_000_000L).get(below(4))
                        / (1 + below(3))
                + 1;
    }

    private String name() {
        return NAMES.get(below(NAMES.size()));
    }

    private boolean maybe() {
        return random.nextBoolean();
    }

    private int below(int bound) {
        return random.nextInt(bound);
    }
}
