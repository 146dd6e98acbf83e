package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a disk lives, by where it is asked for. A disk is fresh when nobody has written its first sector. */
class ScopesTestCase {
    @Target({ElementType.PARAMETER, ElementType.FIELD})
    @Retention(RetentionPolicy.RUNTIME)
    @UblkDisk(size = "1MiB", logicalBlockSize = 4096)
    @interface SmallDisk {}

    static void assertFresh(Disk disk) throws IOException {
        assertThat(first(disk)).as("%s is fresh", disk).containsOnly(0);
        mark(disk, 1);
    }

    private static byte[] first(Disk disk) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            return device.read(0, 4096);
        }
    }

    static void mark(Disk disk, int value) throws IOException {
        try (RawDevice device = new RawDevice(disk.device())) {
            byte[] block = new byte[4096];
            block[0] = (byte) value;
            device.write(0, block);
        }
    }

    static int markOf(Disk disk) throws IOException {
        return first(disk)[0];
    }

    /** The kernel gives each disk a number, and none twice. */
    static class OneAfterTheOther {
        private static final Set<Long> THERE_BEFORE = new TreeSet<>();

        @RepeatedTest(3)
        void theNextOneIsMadeMeanwhile(@UblkDisk(size = "32MiB", mount = EXT4) Disk disk, RepetitionInfo repetition)
                throws Exception {
            assertThat(disk.path("file")).doesNotExist();
            Files.writeString(disk.path("file"), "text");
            long own = sequence(disk.device());
            if (repetition.getCurrentRepetition() > 1) {
                assertThat(THERE_BEFORE).contains(own);
            }
            THERE_BEFORE.clear();
            for (int i = 0; i < 200 && THERE_BEFORE.isEmpty(); i++) {
                TimeUnit.MILLISECONDS.sleep(50);
                for (String device : Leftovers.devices()) {
                    long one = sequence(Path.of(device));
                    if (one > own) {
                        THERE_BEFORE.add(one);
                    }
                }
            }
            assertThat(THERE_BEFORE).as("disks after disk %d", own).hasSize(1);
        }

        private static long sequence(Path device) {
            try {
                return Long.parseLong(Files.readString(Path.of("/sys/block/" + device.getFileName() + "/diskseq"))
                        .trim());
            } catch (IOException noBlockDevice) {
                return -1;
            }
        }
    }

    static class Parameters {
        @Test
        void one(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            assertFresh(disk);
        }

        @Test
        void two(@UblkDisk(size = "1MiB") Disk left, @UblkDisk(size = "2MiB") Disk right) throws IOException {
            assertThat(left.device()).isNotEqualTo(right.device());
            assertFresh(left);
            assertFresh(right);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void parameterized(int value, @UblkDisk(size = "1MiB") Disk disk) throws IOException {
            assertThat(value).isPositive();
            assertFresh(disk);
        }

        @RepeatedTest(2)
        void repeated(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            assertFresh(disk);
        }

        @TestFactory
        Stream<DynamicTest> oneForAllThatTheFactoryMakes(@UblkDisk(size = "1MiB") Disk disk) {
            return IntStream.range(0, 3)
                    .mapToObj(i -> dynamicTest("dynamic " + i, () -> {
                        assertThat(markOf(disk)).isEqualTo(i);
                        mark(disk, i + 1);
                    }));
        }

        @Test
        void throughAnAnnotationOfOnesOwn(@SmallDisk Disk disk) throws IOException {
            assertFresh(disk);
            assertThat(Files.readString(
                            Path.of("/sys/block/" + disk.device().getFileName() + "/queue/logical_block_size")))
                    .isEqualTo("4096\n");
        }

        @Test
        void mounted(@UblkDisk(size = "32MiB", mount = EXT4, mountOptions = "noatime") Disk disk) throws IOException {
            Files.writeString(disk.path("file"), "text");
            disk.remount();
            assertThat(disk.path("file")).hasContent("text");
            assertThat(Leftovers.mounts()).singleElement().asString().contains("noatime", "ext4");
        }
    }

    static class Fields {
        @UblkDisk(size = "1MiB")
        static Disk ofClass;

        private static int writes;

        @UblkDisk(size = "1MiB")
        private Disk fresh;

        @SmallDisk
        Disk small;

        @BeforeEach
        void theSameAsInTheTest() throws IOException {
            assertFresh(fresh);
            assertFresh(small);
        }

        @Test
        void first() throws IOException {
            share();
        }

        @Test
        void second() throws IOException {
            share();
        }

        private void share() throws IOException {
            assertThat(markOf(ofClass)).isEqualTo(writes);
            mark(ofClass, ++writes);
            assertThat(markOf(fresh)).isEqualTo(1);
            mark(fresh, 2);
        }

        @AfterEach
        void stillThere() throws IOException {
            assertThat(markOf(fresh)).isEqualTo(2);
        }

        @AfterAll
        static void stillThereAfterAll() throws IOException {
            assertThat(markOf(ofClass)).isEqualTo(writes).isPositive();
            writes = 0;
        }
    }

    static class NestedClasses {
        @UblkDisk(size = "1MiB")
        static Disk ofOuterClass;

        @UblkDisk(size = "1MiB")
        Disk ofOuterTest;

        @Nested
        class Inner {
            @UblkDisk(size = "1MiB")
            Disk ofInnerTest;

            @Test
            void hasAll() throws IOException {
                assertFresh(ofOuterTest);
                assertFresh(ofInnerTest);
                assertThat(ofOuterClass.stats().poweredOn()).isTrue();
            }

            @Test
            void hasFreshOnes() throws IOException {
                assertFresh(ofOuterTest);
                assertFresh(ofInnerTest);
            }
        }
    }

    static class Constructors {
        private final Disk disk;

        Constructors(@UblkDisk(size = "1MiB") Disk disk) {
            this.disk = disk;
        }

        @Test
        void first() throws IOException {
            assertFresh(disk);
        }

        @Test
        void second() throws IOException {
            assertFresh(disk);
        }
    }

    static class LifecycleMethods {
        private static Disk ofClass;
        private Disk prepared;

        @BeforeAll
        static void all(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            assertFresh(disk);
            ofClass = disk;
        }

        @BeforeEach
        void each(@UblkDisk(size = "1MiB") Disk disk) throws IOException {
            assertFresh(disk);
            prepared = disk;
        }

        @Test
        void first() throws IOException {
            assertThat(markOf(ofClass)).isEqualTo(1);
            assertThat(markOf(prepared)).isEqualTo(1);
        }

        @Test
        void second() throws IOException {
            first();
        }
    }

    @TestInstance(Lifecycle.PER_CLASS)
    static class PerClassInstance {
        @UblkDisk(size = "1MiB")
        Disk disk;

        @Test
        void first() throws IOException {
            assertFresh(disk);
        }

        @Test
        void second() throws IOException {
            assertFresh(disk);
        }
    }

    static class Registered {
        @RegisterExtension
        static UblkDiskExtension ofClass =
                UblkDiskExtension.builder().size("1MiB").queues(2).queueDepth(8).build();

        private static int writes;

        @Test
        void first(Disk disk) throws IOException {
            assertThat(markOf(disk)).isEqualTo(writes);
            mark(ofClass.disk(), ++writes);
        }

        @Test
        void second(Disk disk) throws IOException {
            first(disk);
        }

        @AfterAll
        static void forget() {
            writes = 0;
        }
    }

    static class RegisteredForEach {
        @RegisterExtension
        UblkDiskExtension extension = UblkDiskExtension.builder()
                .size("1MiB")
                .faults("classpath:faults/bad-sector.fault")
                .lenient()
                .build();

        @Test
        void first() throws IOException {
            assertFresh(extension.disk());
        }

        @Test
        void second(Disk disk) throws IOException {
            assertFresh(disk);
            assertThat(disk.faults().rules()).extracting(rule -> rule.name()).containsExactly("bad");
        }
    }
}
