package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DisconnectEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "disconnect";
    }

    @Override
    public Asked request() {
        return Asked.write(0, 8);
    }

    @Override
    public List<Integer> firesForNth3() {
        return FourTests.from(3);
    }

    @Test
    void failsEveryRequestAfterwardsUntilReleased() {
        Rules rules = armed(" nth 2 ");
        assertThat(request().of(rules).failed()).isFalse();
        assertThat(Asked.read(0, 8).of(rules).failed()).isFalse();
        assertThat(request().of(rules).status()).isEqualTo(BlockStatus.OFFLINE);
        assertThat(Asked.read(0, 8).of(rules).status()).isEqualTo(BlockStatus.OFFLINE);
        assertThat(Asked.flush().of(rules).status()).isEqualTo(BlockStatus.OFFLINE);
        assertThat(rules.report("it").orElseThrow().fired()).isEqualTo(3);
        assertThat(rules.release("it")).isTrue();
        assertThat(Asked.read(0, 8).of(rules).failed()).isFalse();
        assertThat(request().of(rules).failed()).isFalse();
    }

    @Test
    void comesBackByItselfAfterItsTime() {
        AtomicLong now = new AtomicLong();
        Rules rules = new Rules(1, now::get);
        rules.add(Script.parseRule("on write nth 1 disconnect for 5s"));
        request().of(rules);
        now.set(4_999_999_999L);
        assertThat(Asked.read(0, 8).of(rules).failed()).isTrue();
        now.set(5_000_000_000L);
        assertThat(Asked.read(0, 8).of(rules).failed()).isFalse();
    }
}
