package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every effect has to pass: never, always, nth, on command. */
interface FourTests {

    /** For instance {@code on write}. */
    String on();

    /** The effect's text. */
    String effect();

    /** A request that the effect is about, always of the same sectors. */
    Asked request();

    /** Of 100 requests those on which {@code nth 3} fires; of an effect that lasts, all from the third on. */
    default List<Integer> firesForNth3() {
        return List.of(3);
    }

    @Test
    default void never() {
        assertThat(fired(armed(" with probability 0 "), 100)).isEmpty();
    }

    @Test
    default void always() {
        assertThat(fired(armed(" "), 100)).isEqualTo(from(1));
    }

    @Test
    default void nth() {
        assertThat(fired(armed(" nth 3 "), 100)).isEqualTo(firesForNth3());
    }

    @Test
    default void onCommand() {
        Rules rules = new Rules(1);
        assertThat(fired(rules, 10)).isEmpty();
        String name = rules.add(Script.parseRule(on() + " " + effect()));
        assertThat(fired(rules, 10)).hasSize(10);
        rules.remove(name);
        assertThat(fired(rules, 10)).isEmpty();
    }

    @Test
    default void readsBackAsItPrints() {
        var rule = Script.parseRule(on() + " " + effect());
        assertThat(rule.effect().text()).isEqualTo(effect());
        assertThat(effect()).startsWith(rule.effect().word());
        assertThat(Script.parseRule(rule.toString())).isEqualTo(rule);
    }

    static List<Integer> from(int first) {
        return IntStream.rangeClosed(first, 100).boxed().toList();
    }

    default Rules armed(String trigger) {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("rule it: " + on() + trigger + effect()));
        return rules;
    }

    private List<Integer> fired(Rules rules, int requests) {
        List<Integer> fired = new ArrayList<>();
        for (int i = 1; i <= requests; i++) {
            if (request().of(rules).count() > 0) {
                fired.add(i);
            }
        }
        return fired;
    }
}
