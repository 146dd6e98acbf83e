package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.RouteEffect;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoseEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "lose";
    }

    @Override
    public Asked request() {
        return Asked.write(8, 8);
    }

    @Test
    void sendsItsSectorsNowhere() {
        Decision decision = request().of(armed(" sectors 10..11 "));
        assertThat(decision.reroutes()).isTrue();
        assertThat(IntStream.range(0, 8).mapToObj(i -> decision.route(request(), i)))
                .containsExactly(8L, 9L, RouteEffect.LOST, RouteEffect.LOST, 12L, 13L, 14L, 15L);
    }
}
