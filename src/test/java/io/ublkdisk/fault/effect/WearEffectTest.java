package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.script.Script;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WearEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "wear 1B";
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
    void takesAsManyBytesAsItSaysAndNoMore() {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("rule worn: on write wear 12KiB"));
        assertThat(IntStream.range(0, 5).mapToObj(i -> request().of(rules).failed()))
                .containsExactly(false, false, false, true, true);
        assertThat(Asked.write(0, 1).of(rules).status()).isEqualTo(BlockStatus.TARGET);
        assertThat(Asked.read(0, 1).of(rules).failed()).isFalse();
        assertThat(rules.report("worn").orElseThrow().fired()).isEqualTo(3);
    }

    @Test
    void countsWrites() {
        Rules rules = new Rules(1);
        rules.add(Script.parseRule("on write wear 2 writes"));
        assertThat(IntStream.range(0, 4).mapToObj(i -> request().of(rules).failed()))
                .containsExactly(false, false, true, true);
    }
}
