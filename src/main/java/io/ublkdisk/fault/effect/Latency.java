package io.ublkdisk.fault.effect;

import io.ublkdisk.block.Seed;
import io.ublkdisk.fault.Text;
import io.ublkdisk.fault.ValueReader;
import java.util.List;

/** How long a delay is: a distribution of nanoseconds, drawn by key. No draw is longer than {@link #LONGEST_NANOS}. */
public sealed interface Latency {

    /** A day. More is a mistake, or a {@code hold}. */
    long LONGEST_NANOS = 86_400_000_000_000L;

    /** How the fault language writes it. */
    String GRAMMAR = "TIME | \"uniform\" TIME..TIME | \"normal\" TIME \"sd\" TIME\n"
            + "| \"lognormal\" \"p50\" TIME \"p99\" TIME | \"pareto\" \"min\" TIME \"shape\" NUMBER";

    /** Reads a distribution. */
    static Latency read(ValueReader values) {
        if (values.takes("uniform")) {
            long[] ends = values.times("two times, for instance 1ms..5ms");
            return new Uniform(ends[0], ends[1]);
        }
        if (values.takes("normal")) {
            long mean = values.time("the middle");
            values.word("sd");
            return new Normal(mean, values.time("the standard deviation"));
        }
        if (values.takes("lognormal")) {
            values.word("p50");
            long p50 = values.time("the median");
            values.word("p99");
            return new LogNormal(p50, values.time("the 99th percentile"));
        }
        if (values.takes("pareto")) {
            values.word("min");
            long min = values.time("the shortest");
            values.word("shape");
            return new Pareto(min, values.fraction("the shape, for instance 1.5"));
        }
        if (!values.isNumber()) {
            throw values.expected(List.of("a time", "uniform", "normal", "lognormal", "pareto"));
        }
        return new Fixed(values.time("a time"));
    }

    /** Returns how the fault language writes it. */
    String text();

    /** Returns the time for that key; the same for the same key. */
    long nanos(long key);

    default boolean isRandom() {
        return true;
    }

    /** {@code 5ms}. */
    record Fixed(long nanos) implements Latency {
        public Fixed {
            check(nanos, 0);
        }

        @Override
        public String text() {
            return Text.time(nanos);
        }

        @Override
        public long nanos(long key) {
            return nanos;
        }

        @Override
        public boolean isRandom() {
            return false;
        }
    }

    /** {@code uniform 1ms..5ms}: each time in between is as likely. */
    record Uniform(long minNanos, long maxNanos) implements Latency {
        public Uniform {
            check(minNanos, 0);
            check(maxNanos, minNanos);
        }

        @Override
        public String text() {
            return "uniform " + Text.time(minNanos) + ".." + Text.time(maxNanos);
        }

        @Override
        public long nanos(long key) {
            return minNanos + (long) (Seed.unit(key) * (maxNanos - minNanos + 1));
        }
    }

    /** {@code normal 5ms sd 1ms}: the bell, cut off at nothing. */
    record Normal(long meanNanos, long sdNanos) implements Latency {
        public Normal {
            check(meanNanos, 0);
            check(sdNanos, 0);
        }

        @Override
        public String text() {
            return "normal " + Text.time(meanNanos) + " sd " + Text.time(sdNanos);
        }

        @Override
        public long nanos(long key) {
            return bounded(meanNanos + sdNanos * gaussian(key));
        }
    }

    /** {@code lognormal p50 2ms p99 80ms}: half of all are shorter than p50, one in a hundred is longer than p99. */
    record LogNormal(long p50Nanos, long p99Nanos) implements Latency {
        /** How many standard deviations the 99th percentile of a bell is from its middle. */
        private static final double P99 = 2.3263478740408408;

        public LogNormal {
            check(p50Nanos, 1);
            check(p99Nanos, p50Nanos);
        }

        @Override
        public String text() {
            return "lognormal p50 " + Text.time(p50Nanos) + " p99 " + Text.time(p99Nanos);
        }

        @Override
        public long nanos(long key) {
            double sigma = StrictMath.log((double) p99Nanos / p50Nanos) / P99;
            return bounded(p50Nanos * StrictMath.exp(sigma * gaussian(key)));
        }
    }

    /** {@code pareto min 1ms shape 1.5}: the long tail; the smaller the shape, the longer. */
    record Pareto(long minNanos, double shape) implements Latency {
        public Pareto {
            check(minNanos, 1);
            if (!(shape > 0 && shape <= 1000)) {
                throw new IllegalArgumentException(
                        "shape " + shape + " is out of range; write one above 0, up to 1000");
            }
        }

        @Override
        public String text() {
            return "pareto min " + Text.time(minNanos) + " shape " + Text.number(shape);
        }

        @Override
        public long nanos(long key) {
            return bounded(minNanos / StrictMath.pow(1 - Seed.unit(key), 1 / shape));
        }
    }

    private static void check(long nanos, long leastNanos) {
        if (nanos < leastNanos) {
            throw new IllegalArgumentException("the time " + (nanos < 0 ? nanos + "ns" : Text.time(nanos))
                    + " is too short; here it must be " + Text.time(leastNanos) + " or more");
        }
        if (nanos > LONGEST_NANOS) {
            throw new IllegalArgumentException(
                    "the time " + Text.time(nanos) + " is longer than a day; for ever is hold");
        }
    }

    private static long bounded(double nanos) {
        return (long) Math.max(0, Math.min(LONGEST_NANOS, nanos));
    }

    /** Box and Muller's: a bell from two flat draws. StrictMath, so that every machine draws the same. */
    private static double gaussian(long key) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - Seed.unit(Seed.combine(key, 1))));
        return radius * StrictMath.cos(2 * Math.PI * Seed.unit(Seed.combine(key, 2)));
    }
}
