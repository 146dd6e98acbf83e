package io.ublkdisk.script;

import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.Kind.WRITE;
import static io.ublkdisk.fault.effect.DelayEffect.delay;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static io.ublkdisk.fault.effect.FlipEffect.flip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LanguageTest {
    private static final int GARBAGE = Boolean.getBoolean("ublkdisk.all") ? 1_000_000 : 100_000;

    @Property(tries = 3000)
    void everyRuleReadsBackAsItPrints(@ForAll long seed) {
        Rule rule = GeneratedRules.rule(seed);
        Rule read = Script.parseRule(rule.toString());
        assertThat(read).isEqualTo(rule).hasSameHashCodeAs(rule);
        assertThat(read).hasToString(rule.toString());
    }

    @Property(tries = 500)
    void everyRuleReadsBackAlsoAfterItHasFired(@ForAll long seed) {
        Rule rule = GeneratedRules.rule(seed).named("it");
        Rules rules = new Rules(seed);
        rules.add(rule);
        for (int i = 0; i < 20; i++) {
            Asked.read(i % 4, 8).of(rules);
            Asked.write(i % 4, 8).of(rules);
            Asked.flush().of(rules);
            Asked.request(Operation.DISCARD, 0, i, 8).of(rules);
        }
        assertThat(Script.parseRule(rules.report("it").orElseThrow().text())).isEqualTo(rule);
    }

    @Property(tries = 500)
    void everyStepReadsBackAsItPrints(@ForAll long seed) {
        Step step = GeneratedRules.step(seed);
        assertThat(new StepParser(new Line("step", 1, step.toString())).parse()).isEqualTo(step);
    }

    @Test
    void scriptReadsBackAsItPrints() {
        Script script = Script.parse("""
                # a disk that ages
                seed -42

                rule bad-sector: on read sectors 2048..2055 fail MEDIUM until rewritten   # heals
                rule slow: on read with probability 0.1 delay lognormal p50 2ms p99 80ms
                rule torn: on write nth 7 tear keep 3 sectors
                on flush nth 2 hold
                after 10s rule dying: on write fail IO
                at mark "loaded" power-cut keep random 0.5 torn
                at flush 3 power-cut
                when torn fires clear slow
                """, "disk.fault");
        assertThat(script.seed()).isEqualTo(OptionalLong.of(-42));
        assertThat(script.armedAtStart()).hasSize(4);
        assertThat(script.timeline()).hasSize(4);
        assertThat(Script.parse(script.toString(), "again")).isEqualTo(script);
        assertThatThrownBy(script::rules).hasMessageContaining("after 10s");
    }

    @Test
    void javaBuildsWhatTheTextSays() {
        assertThat(Rule.on(READ).sectors(8, 15).nth(3).effect(fail(MEDIUM)).named("bad"))
                .isEqualTo(Script.parseRule("rule bad: on read sectors 8..15 nth 3 fail MEDIUM"));
        assertThat(Rule.on(WRITE, READ).not().metadata().every(2).times(5).effect(delay(Duration.ofMillis(2))))
                .isEqualTo(Script.parseRule("on read,write not metadata times 5 every 2 delay 2ms"));
        assertThat(Rule.on(READ).bytes(4096, 4096).effect(flip(1)).untilRewritten())
                .isEqualTo(Script.parseRule("on read bytes 4KiB+4KiB flip 1 bit until rewritten"))
                .hasToString("on read sectors 8..15 flip 1 bit until rewritten");
    }

    @Test
    void sameThingSaidOtherwiseIsEqual() {
        assertThat(Script.parseRule("on read sectors 8+8,16..20,18..30 fail IO"))
                .isEqualTo(Script.parseRule("  on\tread sectors 8..30   fail IO# why"));
        assertThat(Script.parseRule("on write containing 0x6e0a fail IO"))
                .isEqualTo(Script.parseRule("on write containing \"n\\x0a\" fail IO"));
        assertThat(Script.parseRule("on read not sectors 8..15 delay 1.5ms"))
                .isEqualTo(Script.parseRule("on read sectors 0..7,16.. delay 1500us"));
    }

    @Test
    void lineEndsAndByteOrderMarkMakeNoDifference() {
        String text = "seed 1\nrule a: on read fail IO\n\non write lose\n";
        Script script = Script.parse(text, "x");
        assertThat(Script.parse(text.replace("\n", "\r\n"), "x")).isEqualTo(script);
        assertThat(Script.parse(text.replace("\n", "\r"), "x")).isEqualTo(script);
        assertThat(Script.parse("\uFEFF" + text.strip(), "x")).isEqualTo(script);
        assertThat(Script.parse("\t" + text.replace(" ", "\t \t") + "\t", "x")).isEqualTo(script);
        assertThatThrownBy(() -> Script.parse(text.replace("\n", "\r\n") + "nonsense", "x"))
                .hasMessageContaining("line 5, column 1");
    }

    /** Wherever it stands, in a comment and in quotes too. */
    @Test
    void aControlCharacterIsAnErrorWithItsPlace() {
        for (String text : List.of("on read \0 fail IO", "# a \0 comment", "on write containing \"a\0b\" lose", "\0")) {
            assertThatThrownBy(() -> Script.parse("\n" + text, "x"))
                    .isInstanceOf(ParseException.class)
                    .hasMessageStartingWith("x, line 2, column " + (text.indexOf('\0') + 1) + ": ")
                    .message()
                    .doesNotContain("\0");
        }
        assertThatThrownBy(() -> Script.parse("on read \u0085 fail IO", "x")).isInstanceOf(ParseException.class);
    }

    @Test
    void tenMegabytesAreReadInReasonableTime() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < 10 << 20; i++) {
            text.append("rule r")
                    .append(i)
                    .append(": on read sectors ")
                    .append(i)
                    .append("..")
                    .append(i + 7)
                    .append(" fail IO\n");
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Script script = Script.parse(text.toString(), "big");
        assertThat(script.steps().size()).isGreaterThan(200_000);
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start)).isLessThan(Duration.ofSeconds(30));
        assertThatThrownBy(() -> Script.parse("x".repeat(10 << 20), "big"))
                .isInstanceOf(ParseException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
    }

    /** Rules with pieces moved, doubled, cut and replaced by noise; nothing but a ParseException, each within its time. */
    @Test
    void garbageIsAnsweredByAnErrorWithAPlace() {
        Random random = new Random(7);
        int refused = 0;
        long longest = 0;
        List<String> words = List.of();
        for (int i = 0; i < GARBAGE; i++) {
            if (i % 64 == 0) {
                words = words(random);
            }
            String text = garbage(random, words);
            long start = System.nanoTime();
            try {
                Script.parse(text, "garbage");
            } catch (ParseException e) {
                refused++;
                boolean helps = e.getMessage().startsWith("garbage, line " + e.line() + ", column " + e.column())
                        && e.caret().contains("^")
                        && e.getMessage().length() < 2000;
                if (!helps) { // a million assertions would be most of the time
                    throw new AssertionError("of no help for: " + text, e);
                }
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("not a ParseException for: " + text, e);
            }
            longest = Math.max(longest, System.nanoTime() - start);
        }
        assertThat(refused).isGreaterThan(GARBAGE / 2);
        assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(5));
    }

    /** What scripts are made of, and what they are not. */
    private static List<String> words(Random random) {
        List<String> words = new ArrayList<>(List.of(
                "..",
                "+",
                ",",
                ":",
                "\"",
                "\\",
                "#",
                "-",
                "0x",
                "9".repeat(30),
                "-1",
                "1e9",
                "NaN",
                "\0",
                "\r",
                "\n",
                "\t",
                "\uFEFF",
                "\uD800",
                "\u00a0",
                "5",
                "5ms",
                "1.5",
                "4KiB",
                "8..15",
                "15..8",
                "x".repeat(random.nextInt(300)),
                "until",
                "not",
                "seed",
                "at",
                "mark"));
        LongStream.range(0, 3)
                .mapToObj(i -> GeneratedRules.rule(random.nextLong()).toString())
                .forEach(rule -> words.addAll(List.of(rule.split(random.nextBoolean() ? " " : "(?<=[ .,:])"))));
        words.addAll(List.of(GeneratedRules.step(random.nextLong()).toString().split(" ")));
        words.addAll(LongStream.range(0, 8)
                .mapToObj(i -> GeneratedRules.rule(random.nextLong()).toString())
                .toList());
        return words;
    }

    private static String garbage(Random random, List<String> words) {
        StringBuilder text = new StringBuilder();
        if (random.nextBoolean()) { // nearly right
            text.append(words.get(words.size() - 1 - random.nextInt(8)));
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, words.get(random.nextInt(words.size())));
                    default -> text.setCharAt(at, (char) random.nextInt(300));
                }
                text.append(' ');
            }
            return text.toString();
        }
        for (int n = random.nextInt(30); n > 0; n--) {
            text.append(words.get(random.nextInt(words.size()))).append(random.nextInt(4) == 0 ? "" : " ");
        }
        return text.toString();
    }
}
