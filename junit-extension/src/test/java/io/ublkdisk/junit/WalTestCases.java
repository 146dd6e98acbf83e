package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/** The write-ahead log and its broken versions under crash tests; run by {@link CrashTestIT}. */
final class WalTestCases {
    private static final int PER_EPOCH = 4;

    private WalTestCases() {}

    private static void run(CrashRun run, Wal.Bug... bugs) throws IOException {
        try (Wal wal = new Wal(run, bugs)) {
            run.beginHere();
            wal.append(1);
            wal.append(2);
            wal.rotate();
            wal.append(3);
        }
    }

    /** What was promised is there; beyond that at most what was just being appended, and all of it as it was written. */
    private static void check(CrashedDisk disk, Wal.Bug... bugs) throws IOException {
        List<String> found = Wal.recover(disk.mountPoint(), bugs);
        assertThat(found).as("records").isEqualTo(List.of("1", "2", "3").subList(0, Math.min(3, found.size())));
        assertThat(found).as("what was promised is there").containsAll(disk.marks());
    }

    static class RightTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk);
        }
    }

    static class MissingForceTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run, Wal.Bug.MISSING_FORCE);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk);
        }
    }

    static class WrongFileTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run, Wal.Bug.FORCE_OF_THE_WRONG_FILE);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk);
        }
    }

    static class RenameTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run, Wal.Bug.RENAME_WITHOUT_DIRECTORY_SYNC);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk);
        }
    }

    static class HeaderTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run, Wal.Bug.HEADER_AFTER_COMMIT);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk);
        }
    }

    static class ChecksumTestCase {
        static void run(CrashRun run) throws IOException {
            WalTestCases.run(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = PER_EPOCH)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk, Wal.Bug.CHECKSUM_MISSING);
        }
    }

    static class FailingRunTestCase {
        static void run(CrashRun run) throws IOException {
            throw new IOException("the program broke");
        }

        @CrashTest(run = "run", size = "32MiB")
        void isNeverRun(CrashedDisk disk) {
            throw new AssertionError("there is nothing to check");
        }
    }
}
