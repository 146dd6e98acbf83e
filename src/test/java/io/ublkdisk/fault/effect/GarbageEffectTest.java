package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.media.FaultyMedia;
import io.ublkdisk.script.Script;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GarbageEffectTest implements FourTests {

    @Override
    public String on() {
        return "on read";
    }

    @Override
    public String effect() {
        return "garbage 16 bytes";
    }

    @Override
    public Asked request() {
        return Asked.read(8, 8);
    }

    @Test
    void isTheSameNoiseAtEachRead() {
        Rules rules = armed(" ");
        assertThat(bytes(rules)).isEqualTo(bytes(rules)).isNotEqualTo(new byte[4096]);
        Rules transients = new Rules(1);
        transients.add(Script.parseRule("on read garbage transient"));
        assertThat(bytes(transients)).isNotEqualTo(bytes(transients));
    }

    @Test
    void staysWithinItsSpan() {
        byte[] bytes = bytes(armed(" sectors 8 "));
        int damaged = (int) IntStream.range(0, 4096).filter(i -> bytes[i] != 0).count();
        assertThat(damaged).isBetween(12, 16);
        assertThat(IntStream.range(512, 4096).filter(i -> bytes[i] != 0)).isEmpty();
    }

    private byte[] bytes(Rules rules) {
        Asked read = request();
        FaultyMedia.damage(read, read.of(rules), null);
        byte[] bytes = new byte[4096];
        read.data().duplicate().get(bytes);
        return bytes;
    }
}
