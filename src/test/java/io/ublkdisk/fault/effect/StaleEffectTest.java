package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import org.junit.jupiter.api.Test;

class StaleEffectTest implements FourTests {

    @Override
    public String on() {
        return "on read";
    }

    @Override
    public String effect() {
        return "stale";
    }

    @Override
    public Asked request() {
        return Asked.read(8, 8);
    }

    @Test
    void isFoundAmongWhatFired() {
        Decision decision = request().of(armed(" sectors 9 "));
        int at = decision.find(StaleEffect.class);
        assertThat(decision.covers(at, 9)).isTrue();
        assertThat(decision.covers(at, 8)).isFalse();
        assertThat(decision.find(LieEffect.class)).isEqualTo(-1);
    }
}
