package io.ublkdisk.fault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * A set of whole numbers from 0 on as sorted, disjoint runs: sectors, ordinals, sizes. In text {@code 8..15,32,100..}: both
 * ends included, the last run open if it has no end.
 */
public final class Ranges {
    /** The end of a run that has none. */
    public static final long OPEN = Long.MAX_VALUE;

    public static final Ranges ALL = of(0, OPEN);

    private final long[] firsts;
    private final long[] lasts;

    private Ranges(long[] firsts, long[] lasts) {
        this.firsts = firsts;
        this.lasts = lasts;
    }

    /** @throws IllegalArgumentException if the run is reversed or begins below 0. */
    public static Ranges of(long first, long last) {
        if (first < 0) {
            throw new IllegalArgumentException(first + ".." + last + " begins below 0; the first there is, is 0");
        }
        if (last < first) {
            throw new IllegalArgumentException(
                    first + ".." + last + " is reversed; write " + last + ".." + first + " if that is what you mean");
        }
        return new Ranges(new long[] {first}, new long[] {last});
    }

    public static Ranges from(long first) {
        return of(first, OPEN);
    }

    /** @throws IllegalArgumentException for a count below 1, or a run that ends beyond 2^63. */
    public static Ranges ofLength(long first, long count) {
        if (count < 1 || first + count - 1 < 0) {
            throw new IllegalArgumentException(first + "+" + count + " is no range; the length must be 1 or more");
        }
        return of(first, first + count - 1);
    }

    /** Returns all that is in one of them; runs that touch become one. */
    public static Ranges merged(List<Ranges> parts) {
        int total = parts.stream().mapToInt(Ranges::count).sum();
        long[][] runs = new long[total][];
        int n = 0;
        for (Ranges part : parts) {
            for (int i = 0; i < part.count(); i++) {
                runs[n++] = new long[] {part.firsts[i], part.lasts[i]};
            }
        }
        Arrays.sort(runs, (a, b) -> Long.compare(a[0], b[0]));
        List<long[]> out = new ArrayList<>();
        for (long[] run : runs) {
            long[] before = out.isEmpty() ? null : out.get(out.size() - 1);
            if (before != null && (before[1] == OPEN || run[0] <= before[1] + 1)) {
                before[1] = Math.max(before[1], run[1]);
            } else {
                out.add(run);
            }
        }
        return new Ranges(
                out.stream().mapToLong(r -> r[0]).toArray(),
                out.stream().mapToLong(r -> r[1]).toArray());
    }

    /**
     * Returns all numbers that are not in here.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Ranges complement() {
        List<Ranges> gaps = new ArrayList<>();
        long next = 0;
        for (int i = 0; i < firsts.length; i++) {
            if (firsts[i] > next) {
                gaps.add(of(next, firsts[i] - 1));
            }
            next = lasts[i] == OPEN ? OPEN : lasts[i] + 1;
        }
        if (lasts[lasts.length - 1] != OPEN) {
            gaps.add(from(next));
        }
        if (gaps.isEmpty()) {
            throw new IllegalArgumentException("nothing is left outside of " + this + "; leave the clause out");
        }
        return merged(gaps);
    }

    /** Returns what is in both; empty if that is nothing. */
    public Optional<Ranges> intersection(Ranges other) {
        List<Ranges> parts = new ArrayList<>();
        for (int i = 0; i < count(); i++) {
            for (int j = 0; j < other.count(); j++) {
                long first = Math.max(firsts[i], other.firsts[j]);
                long last = Math.min(lasts[i], other.lasts[j]);
                if (first <= last) {
                    parts.add(of(first, last));
                }
            }
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(merged(parts));
    }

    /** Returns whether a multiple of that number is in here, 0 left out. */
    public boolean hasMultipleOf(long factor) {
        for (int i = 0; i < count(); i++) {
            if (lasts[i] / factor > (Math.max(1, firsts[i]) - 1) / factor) {
                return true;
            }
        }
        return false;
    }

    /** Returns how many runs. */
    public int count() {
        return firsts.length;
    }

    public long first(int run) {
        return firsts[run];
    }

    /** Included; {@link #OPEN} for none. */
    public long last(int run) {
        return lasts[run];
    }

    public boolean contains(long value) {
        int i = runAtOrBefore(value);
        return i >= 0 && value <= lasts[i];
    }

    /** Returns the smallest number of this set in {@code [first, last]}, or -1. */
    public long firstWithin(long first, long last) {
        int i = runAtOrBefore(first);
        if (i >= 0 && first <= lasts[i]) {
            return first;
        }
        return i + 1 < firsts.length && firsts[i + 1] <= last ? firsts[i + 1] : -1;
    }

    /** Returns whether everything in the other is in here. */
    public boolean containsAll(Ranges other) {
        for (int i = 0; i < other.count(); i++) {
            int at = runAtOrBefore(other.firsts[i]);
            if (at < 0 || other.lasts[i] > lasts[at]) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a number is in both. */
    public boolean meets(Ranges other) {
        for (int i = 0; i < other.count(); i++) {
            if (firstWithin(other.firsts[i], other.lasts[i]) >= 0) {
                return true;
            }
        }
        return false;
    }

    private int runAtOrBefore(long value) {
        int at = Arrays.binarySearch(firsts, value);
        return at >= 0 ? at : -at - 2;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ranges that && Arrays.equals(firsts, that.firsts) && Arrays.equals(lasts, that.lasts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(firsts) + Arrays.hashCode(lasts);
    }

    /** Returns it in the fault language. */
    @Override
    public String toString() {
        return text(Long::toString);
    }

    /** Returns it in the fault language, each number in the given way. */
    public String text(LongFunction<String> number) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < firsts.length; i++) {
            text.append(i == 0 ? "" : ",").append(number.apply(firsts[i]));
            if (lasts[i] == OPEN) {
                text.append("..");
            } else if (lasts[i] > firsts[i]) {
                text.append("..").append(number.apply(lasts[i]));
            }
        }
        return text.toString();
    }
}
