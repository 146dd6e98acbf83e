package io.ublkdisk.fault;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.block.BlockStatus.NOSPC;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.block.BlockStatus.TARGET;
import static io.ublkdisk.fault.Kind.ANY;
import static io.ublkdisk.fault.Kind.FLUSH;
import static io.ublkdisk.fault.Kind.FUA;
import static io.ublkdisk.fault.Kind.METADATA;
import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.Kind.WRITE;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RuleTableTest {
    private final AtomicLong now = new AtomicLong(1_000);
    private final Rules rules = new Rules(1, now::get);

    private void arm(String... texts) {
        for (String text : texts) {
            rules.add(Script.parseRule(text));
        }
    }

    private long fired(String name) {
        return rules.report(name).orElseThrow().fired();
    }

    private long matched(String name) {
        return rules.report(name).orElseThrow().matched();
    }

    @Test
    void isNoTableWhenNothingIsArmed() {
        assertThat(rules.table()).isNull();
        String name = rules.add(Rule.on(READ).effect(fail(IO)));
        assertThat(rules.table()).isNotNull();
        rules.remove(name);
        assertThat(rules.table()).isNull();
    }

    @Test
    void hitsOnlyItsOwnOperations() {
        rules.add(Rule.on(READ, FLUSH).effect(fail(IO)));
        for (Operation operation : Operation.values()) {
            boolean meant = operation == Operation.READ || operation == Operation.FLUSH;
            int sectors = operation == Operation.FLUSH ? 0 : 8;
            assertThat(Asked.request(operation, 0, 0, sectors).of(rules).failed())
                    .as(operation.word())
                    .isEqualTo(meant);
        }
    }

    @Test
    void knowsFuaAndMetadataByTheirFlags() {
        rules.add(Rule.on(FLUSH, FUA).effect(fail(IO)));
        assertThat(Asked.write(0, 8).of(rules).failed()).isFalse();
        assertThat(Asked.request(Operation.WRITE, Request.FUA, 0, 8).of(rules).failed())
                .isTrue();
        assertThat(Asked.request(Operation.WRITE, Request.META, 0, 8).of(rules).failed())
                .isFalse();
        assertThat(Asked.flush().of(rules).failed()).isTrue();
        rules.clear();
        rules.add(Rule.on(METADATA).effect(fail(IO)));
        assertThat(Asked.request(Operation.READ, Request.META, 0, 8).of(rules).failed())
                .isTrue();
        assertThat(Asked.read(0, 8).of(rules).failed()).isFalse();
        rules.clear();
        rules.add(Rule.on(WRITE).not().metadata().fua().effect(fail(IO)));
        assertThat(Asked.request(Operation.WRITE, Request.FUA, 0, 8).of(rules).failed())
                .isTrue();
        assertThat(Asked.request(Operation.WRITE, Request.FUA | Request.META, 0, 8)
                        .of(rules)
                        .failed())
                .isFalse();
    }

    @Test
    void hitsARequestThatTouchesOneOfItsSectors() {
        rules.add(Rule.on(READ).sectors(8, 15).effect(fail(MEDIUM)));
        assertThat(Asked.read(0, 8).of(rules).failed()).isFalse();
        assertThat(Asked.read(0, 9).of(rules).failed()).isTrue();
        assertThat(Asked.read(15, 1).of(rules).failed()).isTrue();
        assertThat(Asked.read(16, 1).of(rules).failed()).isFalse();
        assertThat(Asked.read(0, 100).of(rules).failed()).isTrue();
    }

    @Test
    void asksARuleOnceHoweverManyOfItsRangesARequestTouches() {
        arm("rule many: on any sectors 1,3,5,7..9,20 nth 2 fail IO");
        assertThat(Asked.read(0, 100).of(rules).failed()).isFalse();
        assertThat(matched("many")).isEqualTo(1);
        assertThat(Asked.read(0, 100).of(rules).failed()).isTrue();
        assertThat(Asked.flush().of(rules).failed()).isFalse();
    }

    @Test
    void asksInTheOrderOfTheScriptWithinAPart() {
        arm("rule c: on read delay 1ms", "rule b: on read flip 1 bit", "rule a: on read sectors 0.. delay 2ms");
        Decision decision = Asked.read(0, 8).of(rules);
        assertThat(IntStream.range(0, decision.count())
                        .mapToObj(i -> decision.rule(i).name()))
                .containsExactly("c", "a", "b");
    }

    /** They are found in two places, and asked in one order all the same. */
    @Test
    void asksRulesAboutFlagsInTheirPlaceInTheScript() {
        arm(
                "rule meta: on any metadata fail MEDIUM",
                "rule plain: on write fail IO",
                "rule fua: on fua,read fail NOSPC");
        assertThat(Asked.request(Operation.WRITE, Request.META | Request.FUA, 0, 8)
                        .of(rules)
                        .status())
                .isEqualTo(MEDIUM);
        assertThat(Asked.request(Operation.WRITE, Request.FUA, 0, 8).of(rules).status())
                .isEqualTo(IO);
        assertThat(Asked.request(Operation.READ, 0, 0, 8).of(rules).status()).isEqualTo(NOSPC);
        assertThat(Asked.request(Operation.READ, Request.META, 0, 8).of(rules).status())
                .isEqualTo(MEDIUM);
        rules.remove("plain");
        rules.add(Script.parseRule("rule both: on metadata,write fail TARGET"));
        assertThat(Asked.request(Operation.WRITE, 0, 8, 8).of(rules).status()).isEqualTo(TARGET);
        rules.remove("both");
        assertThat(Asked.request(Operation.WRITE, Request.FUA, 0, 8).of(rules).status())
                .isEqualTo(NOSPC);
        assertThat(Asked.request(Operation.WRITE, 0, 0, 8).of(rules).status()).isEqualTo(OK);
        assertThat(Asked.request(Operation.FLUSH, Request.META, 0, 0).of(rules).status())
                .isEqualTo(MEDIUM);
    }

    @Test
    void doesNotAskTheRulesBehindOneThatFails() {
        arm(
                "rule rot: on read flip 1 bit",
                "rule slow: on read delay 1ms",
                "rule bad: on read nth 1 fail IO",
                "rule late: on read nth 1 fail MEDIUM");
        Decision first = Asked.read(0, 8).of(rules);
        assertThat(first.status()).isEqualTo(IO);
        assertThat(first.delayNanos()).isEqualTo(1_000_000);
        assertThat(matched("rot")).isZero();
        assertThat(matched("late")).isZero();
        assertThat(Asked.read(0, 8).of(rules).status()).isEqualTo(MEDIUM);
        Asked third = Asked.read(0, 8);
        Decision both = third.of(rules);
        assertThat(both.count()).isEqualTo(2);
        FaultyMedia.damage(third, both, null);
        both.settle(third, true);
        assertThat(fired("rot")).isEqualTo(1);
    }

    @Test
    void everyDividesTheCount() {
        rules.add(Rule.on(READ).every(3).effect(fail(IO)));
        assertThat(Asked.firings(rules, 10)).containsExactly(3, 6, 9);
    }

    @Test
    void nthTakesSeveralAndMeetsEvery() {
        rules.add(Script.parseRule("on read nth 2,5..9 every 2 fail IO"));
        assertThat(Asked.firings(rules, 20)).containsExactly(2, 6, 8);
    }

    @Test
    void timesStops() {
        rules.add(Rule.on(READ).every(2).times(3).effect(fail(IO)));
        assertThat(Asked.firings(rules, 100)).containsExactly(2, 4, 6);
    }

    @Test
    void sequenceGoesByLetters() {
        rules.add(Script.parseRule("on read sequence wwxwX fail IO"));
        assertThat(Asked.firings(rules, 8)).containsExactly(3, 5, 6, 7, 8);
        rules.clear();
        rules.add(Script.parseRule("on read sequence xwx fail IO"));
        assertThat(Asked.firings(rules, 8)).containsExactly(1, 3);
        rules.clear();
        rules.add(Script.parseRule("on read sequence xW fail IO"));
        assertThat(Asked.firings(rules, 8)).containsExactly(1);
    }

    @Test
    void afterOpensTheRuleAndCountsNothingBefore() {
        arm("rule r: on read after 3 requests nth 2 fail IO");
        assertThat(Asked.firings(rules, 10)).containsExactly(5);
        assertThat(matched("r")).isEqualTo(7);
        rules.clear();
        arm("on read after 8KiB fail IO"); // reads of 4 KiB
        assertThat(Asked.firings(rules, 4)).containsExactly(3, 4);
    }

    @Test
    void afterATimeCountsFromArming() {
        arm("on read after 5s fail IO");
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
        now.addAndGet(Duration.ofSeconds(5).toNanos() - 1);
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
        now.addAndGet(1);
        assertThat(Asked.read(0, 1).of(rules).failed()).isTrue();
    }

    @Test
    void forATimeCountsFromTheFirstFiring() {
        arm("on read nth 2.. fail IO for 5s");
        now.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(Asked.firings(rules, 3)).containsExactly(2, 3);
        now.addAndGet(Duration.ofSeconds(5).toNanos() - 1);
        assertThat(Asked.read(0, 1).of(rules).failed()).isTrue();
        now.addAndGet(1);
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
    }

    @Test
    void untilRewrittenHealsSectorBySector() {
        arm("rule bad: on read sectors 8..15 fail MEDIUM until rewritten");
        assertThat(Asked.read(8, 8).of(rules).failed()).isTrue();
        Asked.write(0, 12).of(rules);
        assertThat(Asked.read(8, 4).of(rules).failed()).isFalse();
        assertThat(Asked.read(8, 5).of(rules).failed()).isTrue();
        assertThat(Asked.read(12, 4).of(rules).failed()).isTrue();
        Asked.request(Operation.DISCARD, 0, 0, 100).of(rules);
        assertThat(Asked.read(12, 4).of(rules).failed()).isTrue();
        Asked.request(Operation.WRITE_ZEROES, 0, 12, 4).of(rules);
        assertThat(Asked.read(0, 100).of(rules).failed()).isFalse();
    }

    @Test
    void aWriteThatFailsHealsNothing() {
        arm("on read sectors 8..15 fail MEDIUM until rewritten", "on write nth 1 fail IO");
        assertThat(Asked.write(8, 8).of(rules).failed()).isTrue();
        assertThat(Asked.read(8, 8).of(rules).failed()).isTrue();
        assertThat(Asked.write(8, 8).of(rules).failed()).isFalse();
        assertThat(Asked.read(8, 8).of(rules).failed()).isFalse();
    }

    @Test
    void healsExactlyTheSectorsWritten() {
        arm("on read fail MEDIUM until rewritten");
        Asked.write(31, 3).of(rules);
        Asked.write(64, 32).of(rules);
        for (long sector = 0; sector < 200; sector++) {
            boolean written = sector >= 31 && sector < 34 || sector >= 64 && sector < 96;
            assertThat(Asked.read(sector, 1).of(rules).failed())
                    .as("sector " + sector)
                    .isEqualTo(!written);
        }
    }

    @Test
    void scatteredSectorsAreChosenOnce() {
        arm("on read scattered 0.1 runs 8 fail MEDIUM");
        List<Boolean> first = badRuns(1000);
        assertThat(badRuns(1000)).isEqualTo(first);
        assertThat(first.stream().filter(b -> b).count()).isBetween(60L, 140L);
        for (long sector = 0; sector < 800; sector++) {
            assertThat(Asked.read(sector, 1).of(rules).failed()).isEqualTo(first.get((int) (sector / 8)));
        }
    }

    private List<Boolean> badRuns(int runs) {
        return IntStream.range(0, runs)
                .mapToObj(i -> Asked.read(i * 8L, 8).of(rules).failed())
                .toList();
    }

    @Test
    void sizeAndContentAreConditions() {
        arm("rule big: on write size 4KiB..8KiB delay 1ms", "rule mine: on write containing \"needle\" delay 2ms");
        Asked.write(0, 7).of(rules);
        assertThat(matched("big")).isZero();
        Asked.write(0, 8).of(rules);
        Asked.write(0, 16).of(rules);
        Asked.write(0, 17).of(rules);
        assertThat(matched("big")).isEqualTo(2);
        assertThat(matched("mine")).isZero();
        Asked write = Asked.write(0, 8);
        byte[] needle = "needle".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int i = 0; i < needle.length; i++) {
            write.data().put(4096 - needle.length + i, needle[i]);
        }
        assertThat(write.of(rules).delayNanos()).isEqualTo(3_000_000);
        write.data().put(4095, (byte) 'x');
        assertThat(write.of(rules).delayNanos()).isEqualTo(1_000_000);
    }

    @Test
    void whileFollowsAnotherRule() {
        arm(
                "rule dying: on read nth 2.. delay 1ms for 5s",
                "rule dead: on write while dying fail IO",
                "rule alive: on write not while dying delay 1ns");
        assertThat(Asked.write(0, 1).of(rules).failed()).isFalse();
        Asked.firings(rules, 2);
        assertThat(Asked.write(0, 1).of(rules).failed()).isTrue();
        now.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(Asked.write(0, 1).of(rules).failed()).isFalse();
        assertThat(fired("alive")).isEqualTo(2);
    }

    @Test
    void sinceBeginsCountingAgain() {
        arm("rule flushed: on flush delay 1ns", "rule second: on write since flushed nth 2 fail IO");
        List<Boolean> failed = new ArrayList<>();
        for (char c : "wwFwwwFFwFwww".toCharArray()) {
            boolean flush = c == 'F';
            boolean f = (flush ? Asked.flush() : Asked.write(0, 1)).of(rules).failed();
            if (!flush) {
                failed.add(f);
            }
        }
        assertThat(failed).containsExactly(false, false, false, true, false, false, false, true, false);
    }

    @Test
    void countersSurviveOtherRules() {
        arm("rule third: on read nth 3 fail IO");
        Asked.firings(rules, 2);
        arm("rule other: on write fail IO");
        rules.remove("other");
        assertThat(Asked.read(0, 1).of(rules).failed()).isTrue();
    }

    @Test
    void anyMeansWhatTheEffectCanActOn() {
        rules.add(Rule.on(ANY).effect(flip(1)).named("rot"));
        Asked.flush().of(rules);
        Asked.request(Operation.DISCARD, 0, 0, 8).of(rules);
        assertThat(matched("rot")).isZero();
        Asked.read(0, 8).of(rules);
        Asked.write(0, 8).of(rules);
        assertThat(matched("rot")).isEqualTo(2);
    }

    @Test
    void tellsTheListener() {
        List<String> told = new ArrayList<>();
        rules.onFired((rule, request) -> told.add(rule.name() + "@" + request.sector()));
        arm("rule bad: on read nth 2 fail IO");
        Asked.read(5, 1).of(rules);
        Asked.read(6, 1).of(rules);
        assertThat(told).containsExactly("bad@6");
    }

    /** The lookup against the plainest one there is. */
    @Property(tries = 300)
    void findsWhatALinearSearchFinds(
            @ForAll @Size(max = 40) List<@IntRange(max = 3000) Integer> starts,
            @ForAll @IntRange(max = 3000) int sector,
            @ForAll @IntRange(min = 1, max = 500) int count) {
        Rules many = new Rules(1);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            long first = starts.get(i);
            long last = first + (first * 7919 + i) % (i % 5 == 0 ? 2000 : 20);
            many.add(Rule.on(READ)
                    .sectors(first, last)
                    .effect(delay(Duration.ofNanos(1)))
                    .named("r" + i));
            if (first < sector + count && last >= sector) {
                expected.add("r" + i);
            }
        }
        Decision decision = Asked.read(sector, count).of(many);
        assertThat(IntStream.range(0, decision.count())
                        .mapToObj(i -> decision.rule(i).name()))
                .containsExactlyElementsOf(expected);
    }
}
