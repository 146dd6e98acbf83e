package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import org.junit.jupiter.api.Test;

class BadSectorEffectTest implements FourTests {

    @Override
    public String on() {
        return "on read";
    }

    @Override
    public String effect() {
        return "bad-sector";
    }

    @Override
    public Asked request() {
        return Asked.read(8, 8);
    }

    @Test
    void failsReadsUntilTheSectorIsWritten() {
        Rules rules = armed(" sectors 8..9 ");
        assertThat(request().of(rules).status()).isEqualTo(BlockStatus.MEDIUM);
        assertThat(Asked.write(8, 1).of(rules).failed()).isFalse();
        assertThat(Asked.read(8, 1).of(rules).failed()).isFalse();
        assertThat(Asked.read(9, 1).of(rules).failed()).isTrue();
        Asked.write(9, 1).of(rules);
        assertThat(request().of(rules).failed()).isFalse();
    }

    @Test
    void comesAfterTheDelaysOfTheLink() {
        Rules rules = armed(" ");
        rules.add(Script.parseRule("on read delay 1ms"));
        Decision decision = request().of(rules);
        assertThat(decision.failed()).isTrue();
        assertThat(decision.delayNanos()).isEqualTo(1_000_000);
    }
}
