package io.ublkdisk.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SectorMapTest {

    @Test
    void keepsEveryNumberWhileItGrows() {
        SectorMap map = new SectorMap();
        Map<Long, Integer> model = new HashMap<>();
        for (long i = 0; i < 100_000; i++) {
            long key = i * i % 30_011 << i % 3;
            assertThat(map.increment(key)).isEqualTo(model.merge(key, 1, Integer::sum));
        }
        model.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
        assertThat(map.get(1L << 50)).isZero();
    }

    @Test
    void keepsEveryBitWhileItGrows() {
        SectorMap map = new SectorMap();
        for (int key = 0; key < 10_000; key++) {
            map.set(key, 1 << key);
            map.set(key, 2);
            assertThat(map.get(key)).isEqualTo(1 << key | 2);
        }
        assertThat(map.get(77)).isEqualTo(1 << 77 | 2);
    }
}
