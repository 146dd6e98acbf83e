package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadOnlyEffectTest implements FourTests {

    @Override
    public String on() {
        return "on write";
    }

    @Override
    public String effect() {
        return "read-only";
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
    void failsWhatChangesTheDiskAndAnswersReads() {
        Rules rules = armed(" sectors 100..200 ");
        assertThat(request().of(rules).failed()).isFalse();
        assertThat(Asked.write(100, 8).of(rules).status()).isEqualTo(BlockStatus.TARGET);
        assertThat(request().of(rules).failed()).isTrue();
        assertThat(Asked.request(Operation.DISCARD, 0, 0, 8).of(rules).failed()).isTrue();
        assertThat(Asked.request(Operation.WRITE_ZEROES, 0, 0, 8).of(rules).failed())
                .isTrue();
        assertThat(Asked.read(100, 8).of(rules).failed()).isFalse();
        assertThat(Asked.flush().of(rules).failed()).isFalse();
    }
}
