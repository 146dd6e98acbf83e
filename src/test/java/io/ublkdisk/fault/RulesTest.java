package io.ublkdisk.fault;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.Kind.WRITE;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.effect.LieEffect;
import io.ublkdisk.fault.effect.StaleEffect;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RulesTest {
    private final Rules rules = new Rules(1);

    @Test
    void namesThoseThatHaveNone() {
        assertThat(rules.add(Rule.on(READ).effect(fail(IO)))).isEqualTo("rule-1");
        rules.add(Rule.on(READ).effect(fail(IO)).named("rule-2"));
        assertThat(rules.add(Rule.on(WRITE).effect(fail(IO)))).isEqualTo("rule-3");
        rules.remove("rule-1");
        assertThat(rules.add(Rule.on(WRITE).effect(fail(IO)))).isEqualTo("rule-1");
        assertThat(rules.reports())
                .extracting(RuleReport::text)
                .containsExactly(
                        "rule rule-2: on read fail IO",
                        "rule rule-3: on write fail IO",
                        "rule rule-1: on write fail IO");
    }

    @Test
    void refusesANameThatIsTakenAndThenArmsNoneOfThem() {
        rules.add(Rule.on(READ).effect(fail(IO)).named("bad"));
        assertThatThrownBy(() -> rules.addAll(List.of(
                        Rule.on(READ).effect(fail(IO)).named("new"),
                        Rule.on(READ).effect(fail(IO)).named("bad"))))
                .hasMessageContaining("bad is armed already");
        assertThat(rules.reports()).hasSize(1);
    }

    @Test
    void replaceKeepsThePlaceAndStartsCountingAnew() {
        rules.add(Rule.on(READ).nth(2).effect(fail(IO)).named("a"));
        rules.add(Rule.on(READ).effect(fail(MEDIUM)).named("b"));
        Asked.read(0, 1).of(rules);
        rules.replace(Rule.on(READ).nth(2).effect(fail(IO)).named("a"));
        assertThat(rules.report("a").orElseThrow().matched()).isZero();
        assertThat(Asked.read(0, 1).of(rules).status()).isEqualTo(MEDIUM);
        assertThat(Asked.read(0, 1).of(rules).status()).isEqualTo(IO);
    }

    @Test
    void refusesWhatTheDriveCannotDo() {
        List<Set<Effect>> told = new ArrayList<>();
        rules.serve(
                Long.MAX_VALUE,
                effect -> effect instanceof LieEffect ? Optional.of("it is honest") : Optional.empty(),
                told::add);
        assertThatThrownBy(() -> rules.add(Script.parseRule("on flush lie")))
                .hasMessageContaining("cannot do lie")
                .hasMessageContaining("it is honest");
        assertThat(rules.table()).isNull();
        rules.add(Script.parseRule("on read stale"));
        rules.clear();
        assertThat(told).containsExactly(Set.of(new StaleEffect()), Set.of());
    }

    @Test
    void refusesToSendASectorTwoWays() {
        rules.add(Script.parseRule("rule lost: on write sectors 0..7 lose"));
        assertThatThrownBy(() -> rules.add(Script.parseRule("on write tear keep 3 sectors")))
                .hasMessageContaining("contradicts \"rule lost: on write sectors 0..7 lose\"")
                .hasMessageContaining("leave one");
        assertThatThrownBy(() -> rules.addAll(List.of(
                        Script.parseRule("on read nth 3 stale"), Script.parseRule("on read nth 3 misdirect by 8"))))
                .hasMessageContaining("contradicts");
        assertThat(rules.reports()).hasSize(1);
        rules.add(Script.parseRule("on write sectors 8..15 tear keep 3 sectors"));
        rules.add(Script.parseRule("on write with probability 0.5 misdirect by 8"));
        rules.add(Script.parseRule("on read stale"));
        rules.replace(Script.parseRule("rule lost: on write sectors 0..7 misdirect by 1"));
        assertThat(rules.reports()).hasSize(4);
    }

    @Test
    void checksRangesAgainstTheDisk() {
        Rule rule = Script.parseRule("rule bad: on read sectors 0..7,100..107 fail IO");
        rule.checkAgainst(108 * 512);
        assertThatThrownBy(() -> rule.checkAgainst(107 * 512))
                .hasMessageContaining("rule bad: sector 107 is past the end of the disk, whose last sector is 106");
        Script.parseRule("on read sectors 8.. fail IO").checkAgainst(9 * 512);
        assertThatThrownBy(() -> Script.parseRule("on read sectors 8.. fail IO").checkAgainst(8 * 512))
                .hasMessageContaining("sector 8 is past the end");
    }

    /** The hot path: whether the rules fire or not, a decision leaves no garbage. */
    @Test
    void decidesWithoutAllocating() {
        rules.addAll(Script.parse("""
                        on read sectors 0..99 nth 5.. delay 1ms
                        on read with probability 0.5 delay uniform 1ms..2ms
                        on read scattered 0.1 runs 8 flip 2 bits
                        on read size 4KiB.. not metadata while a note
                        rule a: on read every 3 note
                        on write containing "needle" delay 1ms
                        on read sectors 0..15 fail MEDIUM until rewritten
                        """, "hot").rules());
        Asked request = Asked.read(0, 8);
        Decision decision = new Decision();
        long fired = 0;
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                request.again(i % 4 == 3 ? Operation.WRITE : Operation.READ, i % 200, 8);
                rules.table().decide(request, decision);
                FaultyMedia.damage(request, decision, null);
                fired += decision.count();
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(fired).isGreaterThan(100_000);
        assertThat(best).as("bytes in 10,000 decisions").isLessThan(2_000);
    }

    /** A thousand rules that do not match are found not to in about the steps of one: the search is logarithmic. */
    @Test
    void aThousandRulesThatDoNotMatchCostWhatOneDoes() {
        Rules one = new Rules(1);
        one.add(Rule.on(READ).sectors(1_000_000, 1_000_007).effect(fail(IO)));
        Rules thousand = new Rules(1);
        thousand.addAll(java.util.stream.IntStream.range(0, 1000)
                .mapToObj(i -> Rule.on(READ)
                        .sectors(1_000_000 + i * 16L, 1_000_007 + i * 16L)
                        .effect(fail(IO)))
                .toList());
        double ratio = Double.MAX_VALUE;
        for (int round = 0; round < 30; round++) { // the best of many, for the machine is shared
            ratio = Math.min(ratio, (double) nanosFor(thousand) / nanosFor(one));
        }
        assertThat(ratio).isLessThan(10); // a linear search: hundreds
    }

    private static long nanosFor(Rules rules) {
        Asked request = Asked.read(0, 8);
        Decision decision = new Decision();
        long start = System.nanoTime();
        for (int i = 0; i < 20_000; i++) {
            rules.table().decide(request.again(Operation.READ, 1_000_008 + i % 1000 * 16L, 8), decision);
        }
        return System.nanoTime() - start;
    }
}
