package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.media.FaultyMedia;
import org.junit.jupiter.api.Test;

class SetEffectTest implements FourTests {

    @Override
    public String on() {
        return "on read";
    }

    @Override
    public String effect() {
        return "set 0xff 4 bytes at 100";
    }

    @Override
    public Asked request() {
        return Asked.read(8, 8);
    }

    @Test
    void setsThoseBytesOfEachSector() {
        Asked read = request();
        FaultyMedia.damage(read, read.of(armed(" sectors 9 ")), null);
        for (int i = 0; i < 4096; i++) {
            boolean hit = i >= 512 + 100 && i < 512 + 104;
            assertThat(read.data().get(i)).as("byte " + i).isEqualTo((byte) (hit ? 0xff : 0));
        }
    }
}
