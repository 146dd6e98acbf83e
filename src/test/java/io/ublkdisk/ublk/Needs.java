package io.ublkdisk.ublk;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;

/** What a test needs of the kernel. Where that is too old for it the test is skipped; where it should have it the test fails. */
final class Needs {
    private Needs() {}

    static void features(Collection<UblkFeature> wanted) throws UblkException {
        try (UblkControl control = UblkControl.open(Duration.ofSeconds(10))) {
            for (UblkFeature feature : wanted) {
                if (!control.features().contains(feature)) {
                    if (isAtLeast(feature.since())) {
                        fail("Linux %s has no %s, and Linux %s is said to have it", kernel(), feature, feature.since());
                    }
                    abort("needs Linux " + feature.since() + " for " + feature + ", this is " + kernel());
                }
            }
        }
    }

    static boolean isAtLeast(String version) {
        return Arrays.compare(numbers(kernel()), numbers(version)) >= 0;
    }

    private static String kernel() {
        return System.getProperty("os.version");
    }

    /** Major and minor. */
    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[^0-9]"))
                .limit(2)
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
