package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ublkdisk.control.FileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

        @CrashTest(run = "run", arguments = "nowhere")
        void noArguments(CrashedDisk disk) {}

        @CrashTest(run = "run", size = "1 parsec")
        void noSize(CrashedDisk disk) {}
    }
}
