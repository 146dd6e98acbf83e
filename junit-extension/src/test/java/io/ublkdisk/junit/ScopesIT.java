package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk lives as long as its place says, and is gone afterwards. */
class ScopesIT {
    private static final Map<String, String> PARALLEL = Map.of(
            "junit.jupiter.execution.parallel.enabled", "true",
            "junit.jupiter.execution.parallel.mode.default", "concurrent",
            "junit.jupiter.execution.parallel.mode.classes.default", "concurrent",
            "junit.jupiter.execution.parallel.config.strategy", "fixed",
            "junit.jupiter.execution.parallel.config.fixed.parallelism", "4");

    @AfterEach
    void nothingIsLeft() throws IOException {
        Leftovers.assertNone();
    }

    @ParameterizedTest
    @CsvSource({
        "Parameters, 11",
        "OneAfterTheOther, 3",
        "Fields, 2",
        "NestedClasses, 2",
        "Constructors, 2",
        "LifecycleMethods, 2",
        "PerClassInstance, 2",
        "Registered, 2",
        "RegisteredForEach, 2"
    })
    void disksLiveAsLongAsTheirPlaceSays(String testCase, int tests) throws Exception {
        Class<?> fixture = Class.forName(ScopesTestCase.class.getName() + "$" + testCase);
        Runs.of(selectClass(fixture)).assertAllPassed(tests);
    }

    @Test
    void testsThatRunAtTheSameTimeHaveDisksOfTheirOwn() {
        Runs runs = Runs.with(PARALLEL, selectClass(ParallelTestCase.class));
        runs.assertAllPassed(ParallelTestCase.TESTS);
        assertThat(ParallelTestCase.mostAtOnce())
                .as("disks in use at the same time")
                .isGreaterThan(1);
    }
}
