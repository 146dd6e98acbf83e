package io.ublkdisk.fault.effect;

import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DelayEffectTest {
    private static final Duration TIME = Duration.ofMillis(5);
    private final Rules rules = new Rules(1);

    @Test
    void never() {
        rules.add(Rule.on(READ).probability(0).effect(delay(TIME)));
        assertThat(Asked.firings(rules, 100)).isEmpty();
        assertThat(Asked.read(0, 1).of(rules).delayNanos()).isZero();
    }

    @Test
    void always() {
        rules.add(Rule.on(READ).effect(delay(TIME)));
        assertThat(Asked.firings(rules, 100)).hasSize(100);
        assertThat(Asked.read(0, 1).of(rules).delayNanos()).isEqualTo(TIME.toNanos());
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
        assertThat(Asked.write(0, 1).of(rules).delayNanos()).isZero();
    }

    @Test
    void nth() {
        rules.add(Rule.on(READ).nth(3).effect(delay(TIME)));
        assertThat(Asked.firings(rules, 100)).containsExactly(3);
    }

    @Test
    void onCommand() {
        String name = rules.add(Rule.on(READ).effect(delay(TIME)));
        assertThat(Asked.read(0, 1).of(rules).delayNanos()).isEqualTo(TIME.toNanos());
        rules.remove(name);
        assertThat(Asked.read(0, 1).of(rules).delayNanos()).isZero();
    }

    @Test
    void addsUpOverRules() {
        rules.add(Rule.on(READ).effect(delay(TIME)));
        rules.add(Rule.on(READ).effect(delay(TIME)));
        assertThat(Asked.read(0, 1).of(rules).delayNanos()).isEqualTo(2 * TIME.toNanos());
    }

    @Test
    void stopsWhenTheBudgetIsSpent() {
        rules.add(Script.parseRule("rule slow: on read delay 4ms budget 10ms"));
        assertThat(LongStream.range(0, 5).map(i -> Asked.read(0, 1).of(rules).delayNanos()))
                .containsExactly(4_000_000L, 4_000_000L, 2_000_000L, 0L, 0L);
        assertThat(rules.report("slow").orElseThrow().fired()).isEqualTo(3);
        assertThat(rules.report("slow").orElseThrow().matched()).isEqualTo(5);
    }

    @Test
    void drawsAnewEachTimeThatASectorIsAsked() {
        rules.add(Script.parseRule("on read delay uniform 1ms..9ms"));
        long[] drawn = LongStream.range(0, 100)
                .map(i -> Asked.read(0, 1).of(rules).delayNanos())
                .toArray();
        assertThat(Arrays.stream(drawn).distinct().count()).isGreaterThan(90);
        assertThat(Arrays.stream(drawn)).allMatch(d -> d >= 1_000_000 && d <= 9_000_000);
    }

    @Test
    void lanesServeSoManyAtATime() {
        AtomicLong now = new AtomicLong(1);
        Rules timed = new Rules(1, now::get);
        timed.add(Script.parseRule("on read delay 4ms lanes 2"));
        assertThat(LongStream.range(0, 5).map(i -> Asked.read(0, 1).of(timed).delayNanos() / 1_000_000))
                .containsExactly(4L, 4L, 8L, 8L, 12L);
        now.addAndGet(9_000_000);
        assertThat(Asked.read(0, 1).of(timed).delayNanos()).isEqualTo(4_000_000);
        assertThat(Asked.read(0, 1).of(timed).delayNanos()).isEqualTo(7_000_000);
    }

    @Test
    void uniformIsFlat() {
        double[] q = quantiles(new Latency.Uniform(1_000_000, 9_000_000));
        assertThat(q[0]).isCloseTo(3_000_000, within(100_000.0));
        assertThat(q[1]).isCloseTo(5_000_000, within(100_000.0));
        assertThat(q[2]).isCloseTo(8_920_000, within(50_000.0));
    }

    @Test
    void normalIsABell() {
        double[] q = quantiles(new Latency.Normal(10_000_000, 1_000_000));
        assertThat(q[0]).isCloseTo(10_000_000 - 674_490, within(50_000.0));
        assertThat(q[1]).isCloseTo(10_000_000, within(50_000.0));
        assertThat(q[2]).isCloseTo(10_000_000 + 2_326_348, within(100_000.0));
    }

    @Test
    void lognormalHasTheQuantilesThatItIsGiven() {
        double[] q = quantiles(new Latency.LogNormal(2_000_000, 80_000_000));
        assertThat(q[1]).isCloseTo(2_000_000, within(80_000.0));
        assertThat(q[2]).isCloseTo(80_000_000, within(8_000_000.0));
    }

    @Test
    void paretoHasALongTail() {
        double[] q = quantiles(new Latency.Pareto(1_000_000, 1.5));
        assertThat(q[1]).isCloseTo(1_000_000 * Math.pow(2, 1 / 1.5), within(30_000.0));
        assertThat(q[2]).isCloseTo(1_000_000 * Math.pow(100, 1 / 1.5), within(2_500_000.0));
    }

    /** The quartile (25 %), the median, and the 99th percentile of many draws. */
    private static double[] quantiles(Latency latency) {
        int n = 40_000;
        double[] drawn = LongStream.range(0, n)
                .mapToDouble(i -> latency.nanos(Seed.combine(7, i)))
                .sorted()
                .toArray();
        return new double[] {drawn[n / 4], drawn[n / 2], drawn[n / 100 * 99]};
    }
}
