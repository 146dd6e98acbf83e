package io.ublkdisk.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedTest {

    @Test
    void everyBitMovesHalfOfTheOthers() {
        int keys = 4000;
        for (int in = 0; in < 64; in++) {
            int[] moved = new int[64];
            for (int k = 0; k < keys; k++) {
                long changed = Seed.mix(k) ^ Seed.mix(k ^ 1L << in);
                for (int out = 0; out < 64; out++) {
                    moved[out] += (int) (changed >>> out & 1);
                }
            }
            for (int out = 0; out < 64; out++) {
                assertThat((double) moved[out] / keys).as(in + " to " + out).isCloseTo(0.5, within(0.05));
            }
        }
    }

    @Test
    void keysDoNotCollide() {
        Set<Long> seen = new HashSet<>();
        for (int a = 0; a < 300; a++) {
            for (int b = 0; b < 300; b++) {
                seen.add(Seed.combine(a, b));
            }
        }
        assertThat(seen).hasSize(300 * 300);
        assertThat(Seed.combine(1, "ab")).isNotEqualTo(Seed.combine(1, "ba"));
        assertThat(Seed.combine(1, "rule-1")).isNotEqualTo(Seed.combine(2, "rule-1"));
    }

    @Test
    void unitsAndBoundsAreFlat() {
        int n = 100_000;
        double sum = 0;
        int[] counts = new int[7];
        for (int i = 0; i < n; i++) {
            double unit = Seed.unit(Seed.combine(5, i));
            assertThat(unit).isGreaterThanOrEqualTo(0).isLessThan(1);
            sum += unit;
            counts[Seed.below(Seed.combine(6, i), 7)]++;
        }
        assertThat(sum / n).isCloseTo(0.5, within(0.005));
        for (int count : counts) {
            assertThat(count).isCloseTo(n / 7, within(n / 100));
        }
    }
}
