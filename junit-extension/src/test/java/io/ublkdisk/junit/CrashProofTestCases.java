package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Crash tests that prove nothing, that leave things behind, or that fail in several ways; run by {@link CrashProofIT}. */
final class CrashProofTestCases {
    private CrashProofTestCases() {}

    private static void writeForced(CrashRun run, String name) throws IOException {
        try (FileChannel file = run.open(run.path(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(name.getBytes()));
            file.force(true);
        }
    }

    /** Two files, each forced and then promised. */
    private static void writeTwo(CrashRun run) throws IOException {
        for (String name : List.of("a", "b")) {
            writeForced(run, name);
            run.mark(name);
        }
    }

    private static void check(Path folder, List<String> promised) throws IOException {
        for (String name : promised) {
            assertThat(folder.resolve(name)).hasContent(name);
        }
    }

    /** Promises what it has not forced. */
    static class UnforcedTestCase {
        static void run(CrashRun run) throws IOException {
            Files.writeString(run.path("a"), "a");
            run.mark("a");
        }

        @CrashTest(run = "run", size = "32MiB")
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            check(disk.mountPoint(), disk.marks());
        }
    }

    /** The same check on the disk of the bundle that {@link CrashProofIT} has put there. */
    static class FromTheBundleTestCase {
        static final String BUNDLE = "target/crash-state-test.zip";

        @Test
        void hasWhatWasPromised(@ReplayFrom(BUNDLE) Disk disk) throws IOException {
            check(disk.mountPoint(), List.of("a"));
        }

        @Test
        void beganAsThatState(@ReplayFrom(value = BUNDLE, at = ReplayFrom.START) Disk disk) throws IOException {
            check(disk.mountPoint(), List.of("a"));
        }
    }

    static class NothingTestCase {
        static void run(CrashRun run) {}

        @CrashTest(run = "run", size = "32MiB")
        void looksAtNothing(CrashedDisk disk) throws IOException {
            assertThat(Files.list(disk.mountPoint())).isNotEmpty();
        }
    }

    static class NoParameterTestCase {
        static void run(CrashRun run) throws IOException {
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void looksAtNothing() {
            assertThat(1 + 1).isEqualTo(2);
        }
    }

    static class UnusedParameterTestCase {
        static void run(CrashRun run) throws IOException {
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void looksAtNothing(CrashedDisk disk) {
            assertThat(disk.marks()).doesNotContain("c");
        }
    }

    static class OnlyThePathTestCase {
        static void run(CrashRun run) throws IOException {
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void looksAtNothing(CrashedDisk disk) {
            assertThat(disk.path("a").toString() + disk.marks()).isNotEmpty();
        }
    }

    /** What a check may well do: it asks for names only, which the kernel may know from the mount. */
    static class OnlyNamesTestCase {
        static void run(CrashRun run) throws IOException {
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void looksAtNames(CrashedDisk disk) {
            for (String name : disk.marks()) {
                assertThat(disk.path(name)).exists();
            }
        }
    }

    /** Everything stays in the page cache, and the check has nothing against that. */
    static class OnlyTheStartTestCase {
        static void run(CrashRun run) throws IOException {
            Files.writeString(run.path("a"), "a");
            run.mark("a");
        }

        @CrashTest(run = "run", size = "32MiB")
        void isContentWithAnything(CrashedDisk disk) throws IOException {
            assertThat(Files.list(disk.mountPoint())).isNotEmpty();
        }
    }

    static class NoPromiseTestCase {
        static void run(CrashRun run) throws IOException {
            writeForced(run, "a");
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            assertThat(Files.list(disk.mountPoint())).isNotEmpty();
            check(disk.mountPoint(), disk.marks());
        }
    }

    /** Leaves a file open where nothing is promised yet, which must not matter to the states after it. */
    static class LeavesOpenTestCase {
        static final List<FileChannel> LEFT = new ArrayList<>();

        static void run(CrashRun run) throws IOException {
            writeForced(run, "first");
            run.beginHere();
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void leavesOneOpen(CrashedDisk disk) throws IOException {
            check(disk.mountPoint(), disk.marks());
            if (disk.marks().isEmpty()) {
                LEFT.add(FileChannel.open(disk.path("first"), StandardOpenOption.READ));
            }
        }
    }

    /** One method for two programs. */
    static class ArgumentsTestCase {
        static Stream<String> names() {
            return Stream.of("x", "y");
        }

        static void run(CrashRun run, String name) throws IOException {
            writeForced(run, name);
            run.mark(name);
        }

        @CrashTest(run = "run", arguments = "names", size = "32MiB", perEpoch = 2)
        void hasWhatWasPromised(CrashedDisk disk, String name) throws IOException {
            assertThat(disk.marks()).isSubsetOf(name);
            check(disk.mountPoint(), disk.marks());
        }
    }

    @ParameterizedClass
    @ValueSource(strings = {"x", "y"})
    static class ParameterizedTestCase {
        @org.junit.jupiter.params.Parameter
        String name;

        void run(CrashRun run) throws IOException {
            writeForced(run, name);
            run.mark(name);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            assertThat(disk.marks()).isSubsetOf(name);
            check(disk.mountPoint(), disk.marks());
        }
    }

    static class EndlessRunTestCase {
        static void run(CrashRun run) throws Exception {
            new CountDownLatch(1).await();
        }

        @CrashTest(run = "run", runLimitSeconds = 2, size = "32MiB")
        void isNeverRun(CrashedDisk disk) {
            throw new AssertionError("there is nothing to check");
        }
    }

    /** Says of states before the first promise that they are not its business. */
    static class AbortingTestCase {
        static void run(CrashRun run) throws IOException {
            writeTwo(run);
        }

        @CrashTest(run = "run", size = "32MiB", perEpoch = 2)
        void hasWhatWasPromised(CrashedDisk disk) throws IOException {
            assumeFalse(disk.marks().isEmpty(), "nothing is promised yet");
            check(disk.mountPoint(), disk.marks());
        }
    }

    /** Nothing of it can be had, so none of it needs a device. */
    static class BadTestCase {
        static void run(CrashRun run) {}

        void other(String text) {}

        @CrashTest(run = "run", perEpoch = 0)
        void noStates(CrashedDisk disk) {}

        @CrashTest(run = "run", shrinkTries = -1)
        void negativeTries(CrashedDisk disk) {}

        @CrashTest(run = "run", runLimitSeconds = 0)
        void noTime(CrashedDisk disk) {}

        @CrashTest(run = "run", mount = FileSystem.NONE)
        void noFileSystem(CrashedDisk disk) {}

        @CrashTest(run = "rum")
        void noRun(CrashedDisk disk) {}

        @CrashTest(run = "other")
        void noCrashRun(CrashedDisk disk) {}

        @CrashTest(
                run = "run",
                writeBack = {})
        void noSchedule(CrashedDisk disk) {}

        @CrashTest(run = "run", atomicWriteBytes = 1000)
        void noSectors(CrashedDisk disk) {}

        @CrashTest(run = "run", arguments = "nowhere")
        void noArguments(CrashedDisk disk) {}

        @CrashTest(run = "run", size = "1 parsec")
        void noSize(CrashedDisk disk) {}
    }

    /** Forces nothing: its head may name a record that is not there. */
    private static void writeUnforced(CrashRun run) throws IOException {
        byte[] page = new byte[4096];
        try (FileChannel data = run.open(run.path("data"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FileChannel head =
                        run.open(run.path("head"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < RECORDS; i++) {
                data.write(ByteBuffer.wrap(page), i * (long) page.length);
            }
            head.write(ByteBuffer.wrap(page), 0);
            data.force(true);
            head.force(true);
            run.beginHere();
            for (int i = 1; i <= RECORDS; i++) {
                data.write(ByteBuffer.wrap(Bytes.filled(page.length, i)), (i - 1) * (long) page.length);
                head.write(ByteBuffer.wrap(new byte[] {(byte) i}), 0);
                run.mark("" + i);
            }
        }
    }

    private static final int RECORDS = 32;

    /** It may lose records; but those that the head names must be there. */
    private static void checkUndamaged(CrashedDisk disk) throws IOException {
        int last = Files.readAllBytes(disk.path("head"))[0];
        byte[] data = Files.readAllBytes(disk.path("data"));
        for (int i = 1; i <= last; i++) {
            assertThat((int) data[(i - 1) * 4096])
                    .as("record %d of %d", i, last)
                    .isEqualTo(i);
        }
    }

    static class NeverForcesTestCase {
        static void run(CrashRun run) throws IOException {
            writeUnforced(run);
        }

        @CrashTest(
                run = "run",
                writeBack = {WriteBack.NONE, WriteBack.SEEDED},
                size = "32MiB",
                perEpoch = 2,
                shrinkTries = 8,
                fsck = false)
        void isUndamaged(CrashedDisk disk) throws IOException {
            checkUndamaged(disk);
        }
    }

    /** In that order it loses what came last, and nothing else. */
    static class PeriodicTestCase {
        static void run(CrashRun run) throws IOException {
            writeForced(run, "a");
            run.beginHere();
            Files.writeString(run.path("b"), "b");
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        }

        @CrashTest(run = "run", writeBack = WriteBack.PERIODIC, size = "32MiB", perEpoch = 2)
        void hasTheOld(CrashedDisk disk) throws IOException {
            check(disk.mountPoint(), List.of("a"));
        }
    }

    static class AtomicTestCase {
        static void run(CrashRun run) throws IOException {
            try (FileChannel file =
                    run.open(run.path("data"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (int i = 1; i <= 3; i++) {
                    file.write(ByteBuffer.wrap(Bytes.filled(64 << 10, i)));
                    file.force(true);
                }
            }
        }

        @CrashTest(run = "run", size = "32MiB", mkfsOptions = "-b 4096", atomicWriteBytes = 4096, perEpoch = 6)
        void canBeListed(CrashedDisk disk) throws IOException {
            assertThat(Files.getFileStore(disk.mountPoint()).getBlockSize()).isEqualTo(4096);
            assertThat(Files.list(disk.mountPoint())).isNotEmpty();
        }
    }
}
