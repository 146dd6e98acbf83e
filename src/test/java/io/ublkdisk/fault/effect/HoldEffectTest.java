package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import org.junit.jupiter.api.Test;

class HoldEffectTest implements FourTests {

    @Override
    public String on() {
        return "on flush";
    }

    @Override
    public String effect() {
        return "hold";
    }

    @Override
    public Asked request() {
        return Asked.flush();
    }

    @Test
    void parksTheRequestAndFailsNothing() {
        Decision decision = request().of(armed(" "));
        assertThat(decision.hold()).isTrue();
        assertThat(decision.failed()).isFalse();
        assertThat(Asked.read(0, 1).of(armed(" ")).hold()).isFalse();
    }
}
