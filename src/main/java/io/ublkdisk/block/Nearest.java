package io.ublkdisk.block;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The word that the author may have meant: fewest letters inserted, left out, replaced or swapped. */
public final class Nearest {
    private static final int LONGEST = 40;

    private Nearest() {}

    /** Returns {@code "; did you mean 'size'?"}, or the list of known words when none is near. */
    public static String hint(String word, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(word, k)))
                .filter(k -> distance(word, k) <= Math.max(1, k.length() / 3))
                .map(k -> "; did you mean '" + k + "'?")
                .orElse(known.isEmpty() ? "; there is none" : "; known are " + String.join(", ", known));
    }

    /** Returns the nearest of the words; empty if none is near. */
    public static Optional<String> to(String found, List<String> words) {
        if (found.isEmpty() || found.length() > LONGEST) {
            return Optional.empty();
        }
        String best = null;
        int least = found.length() / 3 + 1;
        for (String word : words) {
            if (word.equalsIgnoreCase(found)) {
                return Optional.of(word);
            }
            int distance = distance(found, word);
            if (distance <= least && distance < Math.min(found.length(), word.length())) {
                least = distance - 1;
                best = word;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Returns how many letters must be inserted, left out, replaced or swapped to come from one word to the other. */
    static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    row[j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                row[j] = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] spare = before;
            before = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
