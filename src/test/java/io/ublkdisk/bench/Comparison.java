package io.ublkdisk.bench;

import io.ublkdisk.bench.Results.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Two runs beside each other: what has become dearer by more than is left to chance. */
final class Comparison {
    static final double LOSS_PERCENT = 3;

    private Comparison() {}

    /** A line for each result that both have, the worst first. */
    record Line(String key, double before, double after) {
        double percent() {
            return 100 * (after / before - 1);
        }

        boolean isLoss() {
            return percent() > LOSS_PERCENT;
        }

        @Override
        public String toString() {
            return String.format(
                    "%-60s %10.0f %10.0f %+7.1f %%%s", key, before, after, percent(), isLoss() ? "   LOSS" : "");
        }
    }

    static List<Line> of(Results before, Results after) throws BenchException {
        for (String same : List.of("unit", "cpus")) {
            String was = before.where().get(same);
            String is = after.where().get(same);
            if (!Objects.equals(was, is)) {
                throw new BenchException("the two runs cannot be compared: " + same + " was " + was + " and is " + is
                        + "; measure one of them again, as the other");
            }
        }
        return after.all().stream()
                .map(now -> line(before.find(now.key()), now))
                .flatMap(Optional::stream)
                .sorted(Comparator.comparingDouble(Line::percent).reversed())
                .toList();
    }

    private static Optional<Line> line(Optional<Result> before, Result after) {
        return before.map(was -> new Line(after.key(), was.each(), after.each()));
    }
}
