package io.ublkdisk.fault.effect;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.fault.Asked;
import io.ublkdisk.media.FaultyMedia;
import org.junit.jupiter.api.Test;

class ZeroEffectTest implements FourTests {

    @Override
    public String on() {
        return "on read";
    }

    @Override
    public String effect() {
        return "zero";
    }

    @Override
    public Asked request() {
        return Asked.read(8, 8);
    }

    @Test
    void clearsTheSectorsInItsRangeAlone() {
        Asked read = request();
        for (int i = 0; i < 4096; i++) {
            read.data().put(i, (byte) 7);
        }
        assertThat(FaultyMedia.damage(read, read.of(armed(" sectors 10..11 ")), null))
                .isEqualTo(2);
        for (int i = 0; i < 4096; i++) {
            assertThat(read.data().get(i)).as("byte " + i).isEqualTo((byte) (i >= 1024 && i < 2048 ? 0 : 7));
        }
    }
}
