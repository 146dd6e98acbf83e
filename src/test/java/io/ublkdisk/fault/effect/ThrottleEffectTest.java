package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ThrottleEffectTest {
    private final AtomicLong now = new AtomicLong(1);
    private final Rules rules = new Rules(1, now::get);

    private List<Long> waits(int requests) {
        return LongStream.range(0, requests)
                .mapToObj(i -> Asked.read(0, 8).of(rules).delayNanos() / 1_000_000)
                .toList();
    }

    @Test
    void never() {
        rules.add(Script.parseRule("on read with probability 0 throttle 1 request per 10ms"));
        assertThat(waits(3)).containsExactly(0L, 0L, 0L);
    }

    @Test
    void always() {
        rules.add(Script.parseRule("rule cap: on read throttle 2 requests per 10ms"));
        assertThat(waits(4)).containsExactly(0L, 5L, 10L, 15L);
        assertThat(rules.report("cap").orElseThrow().fired()).isEqualTo(3);
        now.addAndGet(20_000_000);
        assertThat(waits(2)).containsExactly(0L, 5L);
    }

    @Test
    void nth() {
        rules.add(Script.parseRule("on read nth 3.. throttle 1 request per 10ms"));
        assertThat(waits(5)).containsExactly(0L, 0L, 0L, 10L, 20L);
    }

    @Test
    void onCommand() {
        String name = rules.add(Script.parseRule("on read throttle 1 request per 10ms"));
        assertThat(waits(2)).containsExactly(0L, 10L);
        rules.remove(name);
        assertThat(waits(2)).containsExactly(0L, 0L);
    }

    @Test
    void spendsItsBurstFirstAndEarnsItBack() {
        rules.add(Script.parseRule("on read throttle 1 request per 10ms burst 3 requests"));
        assertThat(waits(5)).containsExactly(0L, 0L, 0L, 10L, 20L);
        now.addAndGet(40_000_000);
        assertThat(waits(3)).containsExactly(0L, 0L, 10L);
    }

    @Test
    void countsBytes() {
        rules.add(Script.parseRule("on read throttle 4KiB per 1ms"));
        assertThat(waits(3)).containsExactly(0L, 1L, 2L);
        assertThat(Asked.read(0, 80).of(rules).delayNanos()).isEqualTo(3_000_000);
        assertThat(Asked.read(0, 8).of(rules).delayNanos()).isEqualTo(13_000_000);
    }

    @Test
    void readsBackAsItPrints() {
        String text = "on read throttle 100MiB per 1s burst 1GiB";
        assertThat(Script.parseRule(text)).hasToString(text);
    }
}
