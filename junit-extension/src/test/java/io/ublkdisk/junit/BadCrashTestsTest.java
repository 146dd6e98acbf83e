package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A crash test that cannot be is refused before anything is made, with the place, the value and the remedy. */
class BadCrashTestsTest {
    private static final Runs BAD = Runs.of(selectClass(CrashProofTestCases.BadTestCase.class));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        noStates      | perEpoch = 0          | write 1 or more
        negativeTries | shrinkTries = -1      | write 0 for none
        noTime        | runLimitSeconds = 0   | write how many seconds
        noFileSystem  | mounts its disks      | mount = EXT4
        noRun         | run = "rum"           | did you mean 'run'?
        noCrashRun    | BadTestCase.other(String) | declare it as BadTestCase.other(CrashRun, String)
        noSchedule    | writeBack = []        | {NONE, SEEDED}
        noSectors     | atomicWriteBytes = 1000 | a multiple of 512
        noArguments   | arguments = "nowhere" | write it: static Stream
        noSize        | unknown unit 'parsec' | KiB, MiB, GiB
        """)
    void refuses(String test, String problem, String remedy) {
        assertThat(BAD.failureOf(test))
                .hasMessageContaining("@CrashTest BadTestCase." + test)
                .hasMessageContaining(problem)
                .hasMessageContaining(remedy);
    }
}
