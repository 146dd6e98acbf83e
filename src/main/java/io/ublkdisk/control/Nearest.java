package io.ublkdisk.control;

import java.util.Collection;
import java.util.Comparator;

/** The word that the author may have meant. */
public final class Nearest {
    private Nearest() {}

    /** {@code "; did you mean 'size'?"}, or which words there are, when none is near. */
    public static String hint(String word, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(word, k)))
                .filter(k -> distance(word, k) <= Math.max(1, k.length() / 3))
                .map(k -> "; did you mean '" + k + "'?")
                .orElse(known.isEmpty() ? "; there is none" : "; known are " + String.join(", ", known));
    }

    /** Returns how many letters must be put in, taken out or changed to come from one to the other. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
