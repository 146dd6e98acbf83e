package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.RouteEffect;
import org.junit.jupiter.api.Test;

class MisdirectEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "misdirect by -8";
    }

    @Override
    public Asked request() {
        return Asked.write(8, 8);
    }

    @Test
    void sendsTheSectorsElsewhere() {
        Decision decision = request().of(armed(" sectors 9 "));
        assertThat(decision.route(request(), 0)).isEqualTo(8);
        assertThat(decision.route(request(), 1)).isEqualTo(1);
        Decision outside = Asked.write(3, 1).of(armed(" "));
        assertThat(outside.route(Asked.write(3, 1), 0)).isEqualTo(RouteEffect.LOST);
    }
}
