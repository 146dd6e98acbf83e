package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import org.junit.jupiter.api.Test;

class LieEffectTest implements FourTests {

    @Override
    public String on() {
        return "on flush,fua";
    }

    @Override
    public String effect() {
        return "lie";
    }

    @Override
    public Asked request() {
        return Asked.flush();
    }

    @Test
    void isAboutPromisesOnly() {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("rule liar: on any lie"));
        assertThat(Asked.flush().of(rules).find(LieEffect.class)).isZero();
        assertThat(Asked.request(Operation.WRITE, Request.FUA, 0, 8).of(rules).count())
                .isEqualTo(1);
        assertThat(Asked.write(0, 8).of(rules).count()).isZero();
        assertThat(Asked.read(0, 8).of(rules).count()).isZero();
        assertThat(rules.report("liar").orElseThrow().matched()).isEqualTo(2);
        assertThatThrownBy(() -> Script.parseRule("on write lie")).hasMessageContaining("on flush,fua");
    }
}
