package io.ublkdisk.fault.effect;

import static io.ublkdisk.block.BlockStatus.IO;
import static io.ublkdisk.block.BlockStatus.MEDIUM;
import static io.ublkdisk.block.BlockStatus.OK;
import static io.ublkdisk.fault.Kind.READ;
import static io.ublkdisk.fault.effect.FailEffect.fail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import org.junit.jupiter.api.Test;

class FailEffectTest {
    private final Rules rules = new Rules(1);

    @Test
    void never() {
        rules.add(Rule.on(READ).probability(0).effect(fail(MEDIUM)));
        assertThat(Asked.firings(rules, 100)).isEmpty();
        assertThat(rules.reports().get(0).matched()).isEqualTo(100);
    }

    @Test
    void always() {
        rules.add(Rule.on(READ).effect(fail(MEDIUM)));
        assertThat(Asked.firings(rules, 100)).hasSize(100);
        assertThat(Asked.read(0, 1).of(rules).status()).isEqualTo(MEDIUM);
        assertThat(Asked.write(0, 1).of(rules).status()).isEqualTo(OK);
    }

    @Test
    void nth() {
        rules.add(Rule.on(READ).nth(3).effect(fail(MEDIUM)));
        assertThat(Asked.firings(rules, 100)).containsExactly(3);
    }

    @Test
    void onCommand() {
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
        String name = rules.add(Rule.on(READ).effect(fail(IO)));
        assertThat(Asked.read(0, 1).of(rules).status()).isEqualTo(IO);
        rules.remove(name);
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
    }

    @Test
    void saysHowManySectorsArriveFirst() {
        rules.add(Script.parseRule("on write fail IO after 3 sectors"));
        assertThat(Asked.write(0, 8).of(rules).failAfterSectors()).isEqualTo(3);
        rules.clear();
        rules.add(Script.parseRule("on write fail IO"));
        assertThat(Asked.write(0, 8).of(rules).failAfterSectors()).isZero();
    }

    @Test
    void isNoSuccess() {
        assertThatThrownBy(() -> new FailEffect(OK)).hasMessageContaining("no failure");
        assertThatThrownBy(() -> new FailEffect(IO, -1)).hasMessageContaining("-1");
    }
}
