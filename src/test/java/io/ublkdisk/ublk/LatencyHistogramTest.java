package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    private final LatencyHistogram histogram = new LatencyHistogram();

    @Test
    void nothingCounted() {
        assertThat(histogram.count()).isZero();
        assertThat(histogram.nanosAt(1)).isZero();
    }

    @Test
    void smallValuesAreExact() {
        for (int nanos = 0; nanos < 256; nanos++) {
            histogram.record(nanos, nanos + 1);
        }
        for (int nanos = 0; nanos < 256; nanos++) {
            assertThat(histogram.countAt(nanos)).isEqualTo(nanos + 1);
        }
        assertThat(histogram.nanosAt(1)).isEqualTo(255);
        assertThat(histogram.nanosAt(0)).isZero();
    }

    @Test
    void everySharesValueIsWithinA128thOfTheTrueOne() {
        Random random = new Random(1);
        long[] values = new long[10_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + (long) Math.exp(random.nextDouble() * Math.log(LatencyHistogram.LONGEST_NANOS));
            histogram.record(values[i], 1);
        }
        Arrays.sort(values);
        assertThat(histogram.count()).isEqualTo(values.length);
        for (double share : new double[] {0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long right = values[(int) Math.ceil(share * values.length) - 1];
            assertThat(histogram.nanosAt(share)).as("share %s", share).isBetween(right, right + right / 128 + 1);
        }
    }

    @Test
    void whatIsTooLongCountsAsTheLongest() {
        histogram.record(Long.MAX_VALUE, 2);
        histogram.record(-1, 1);
        assertThat(histogram.countAt(LatencyHistogram.LONGEST_NANOS)).isEqualTo(2);
        assertThat(histogram.countAt(0)).isEqualTo(1);
    }

    @Test
    void addsAnother() {
        LatencyHistogram other = new LatencyHistogram();
        other.record(1_000, 3);
        histogram.record(1_000, 1);
        histogram.add(other);
        assertThat(histogram.countAt(1_000)).isEqualTo(4);
    }

    @Test
    void refusesAShareThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> histogram.nanosAt(50))
                .withMessage("share 50.0 is outside of 0..1; the median is 0.5");
    }
}
