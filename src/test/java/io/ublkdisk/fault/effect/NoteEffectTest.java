package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Rules;
import org.junit.jupiter.api.Test;

class NoteEffectTest implements FourTests {

    @Override
    public String on() {
        return "on flush";
    }

    @Override
    public String effect() {
        return "note";
    }

    @Override
    public Asked request() {
        return Asked.flush();
    }

    @Test
    void firesAndDoesNothing() {
        Rules rules = armed(" ");
        Decision decision = request().of(rules);
        assertThat(decision.count()).isEqualTo(1);
        assertThat(decision.failed() || decision.hold() || decision.delayNanos() > 0)
                .isFalse();
        assertThat(rules.report("it").orElseThrow().fired()).isEqualTo(1);
    }
}
