package io.ublkdisk.script;

import java.util.List;
import java.util.Optional;

/** The word that the author may have meant: fewest letters inserted, left out, replaced or swapped. */
final class Nearest {
    private static final int LONGEST = 40;

    private Nearest() {}

    static Optional<String> to(String found, List<String> words) {
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

    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
