package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SlowDownEffectTest {
    private final Rules rules = new Rules(1);

    private List<Long> waits(int requests) {
        return LongStream.range(0, requests)
                .mapToObj(i -> Asked.read(0, 8).of(rules).delayNanos() / 1_000_000)
                .toList();
    }

    @Test
    void never() {
        rules.add(Script.parseRule("on read with probability 0 slow-down to 10ms over 1 request"));
        assertThat(waits(3)).containsExactly(0L, 0L, 0L);
    }

    @Test
    void always() {
        rules.add(Script.parseRule("rule limp: on read slow-down to 40ms over 4 requests"));
        assertThat(waits(6)).containsExactly(10L, 20L, 30L, 40L, 40L, 40L);
        assertThat(rules.report("limp").orElseThrow().fired()).isEqualTo(6);
        assertThat(Asked.write(0, 8).of(rules).delayNanos()).isZero();
    }

    @Test
    void nth() {
        rules.add(Script.parseRule("on read nth 3.. slow-down to 40ms over 4 requests"));
        assertThat(waits(5)).containsExactly(0L, 0L, 10L, 20L, 30L);
    }

    @Test
    void onCommand() {
        String name = rules.add(Script.parseRule("on read slow-down to 40ms over 2 requests"));
        assertThat(waits(2)).containsExactly(20L, 40L);
        rules.remove(name);
        assertThat(waits(1)).containsExactly(0L);
    }

    @Test
    void countsBytes() {
        rules.add(Script.parseRule("on read slow-down to 40ms over 16KiB"));
        assertThat(waits(5)).containsExactly(10L, 20L, 30L, 40L, 40L);
    }

    @Test
    void aWaitThatIsNoneHasNotFired() {
        rules.add(Script.parseRule("rule limp: on read slow-down to 2ns over 4 requests"));
        waits(3);
        assertThat(rules.report("limp").orElseThrow().fired())
                .as("half a nanosecond is none, then 1 and 1.5")
                .isEqualTo(2);
    }

    @Test
    void isWrittenAsItIsRead() {
        Rule rule = Rule.on(io.ublkdisk.fault.Kind.READ)
                .effect(SlowDownEffect.slowDown(Duration.ofMillis(50), Amount.bytes(10 << 20)));
        assertThat(rule.toString()).isEqualTo("on read slow-down to 50ms over 10MiB");
        assertThat(Script.parseRule(rule.toString())).isEqualTo(rule);
    }

    @Test
    void refusesWhatItCannotDo() {
        assertThatThrownBy(() -> Script.parseRule("on read slow-down to 5ms over 5s"))
                .hasMessageContaining(
                        "slow-down over 5s does not count requests; write an amount such as 1000 requests");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SlowDownEffect(0, Amount.requests(1)))
                .withMessageContaining("slow-down to 0ns is out of range");
        assertThatThrownBy(() -> Script.parseRule("on read limp 5ms"))
                .hasMessageContaining("Did you mean \"slow-down\"?");
    }
}
