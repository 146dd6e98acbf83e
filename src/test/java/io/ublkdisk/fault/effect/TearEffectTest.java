package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Decision;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TearEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "tear keep 3 sectors";
    }

    @Override
    public Asked request() {
        return Asked.write(8, 8);
    }

    @Test
    void keepsTheFirstTheLastOrChosenOnes() {
        assertThat(arriving("tear keep 3 sectors")).containsExactly(0, 1, 2);
        assertThat(arriving("tear keep last 2 sectors")).containsExactly(6, 7);
        assertThat(arriving("tear keep sectors 0,2..3,7")).containsExactly(0, 2, 3, 7);
        assertThat(arriving("tear keep sectors 6..")).containsExactly(6, 7);
    }

    @Test
    void doesNotCountAWriteThatItWouldNotTear() {
        Rules rules = armed(" ");
        assertThat(Asked.write(0, 3).of(rules).count()).isZero();
        assertThat(rules.report("it").orElseThrow().matched()).isZero();
        assertThat(Asked.write(0, 4).of(rules).count()).isEqualTo(1);
    }

    @Test
    void fillsTheRestWhenAsked() {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("on write tear keep 1 sector rest zero"));
        Asked write = Asked.write(0, 2);
        for (int i = 0; i < 1024; i++) {
            write.data().put(i, (byte) 7);
        }
        Decision decision = write.of(rules);
        FaultyMedia.damage(write, decision, null);
        assertThat(write.data().get(511)).isEqualTo((byte) 7);
        assertThat(write.data().get(512)).isZero();
        assertThat(write.data().get(1023)).isZero();
        assertThat(decision.route(write, 1)).isEqualTo(1);
    }

    private List<Integer> arriving(String effect) {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("on write " + effect));
        Decision decision = request().of(rules);
        return IntStream.range(0, 8)
                .boxed()
                .filter(i -> decision.route(request(), i) == 8 + i)
                .toList();
    }
}
