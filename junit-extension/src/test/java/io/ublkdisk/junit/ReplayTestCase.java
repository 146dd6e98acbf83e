package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.junit.engine.disk.DiskHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Tests that leave bundles, and tests that begin with them. */
class ReplayTestCase {
    static final String BUNDLE = "target/replay-test.zip";
    static final String SCRIPT = "rule bad: on read sectors 40..47 fail MEDIUM";

    static class Leaving {
        @Test
        void aFilesystem(
                @UblkDisk(size = "16MiB", mount = EXT4, mountOptions = "noatime", seed = 4711, faults = SCRIPT)
                        Disk disk)
                throws IOException {
            force(disk.path("file"), "forced");
            disk.faults().lenient("bad");
            assertThat(1).as("what the test is about").isEqualTo(2);
        }

        @Test
        void aHistory(@UblkDisk(size = "16MiB", mount = EXT4, record = true) Disk disk) throws IOException {
            force(disk.path("file"), "one");
            disk.mark("one");
            force(disk.path("file"), "two");
            disk.mark("two");
            disk.powerCut();
            throw new IOException("the test's own");
        }

        @Test
        void nothing(@UblkDisk(size = "1MiB", record = true) Disk disk) {}
    }

    static class Again {
        @Test
        void asItWasLeft(@ReplayFrom(BUNDLE) Disk disk) throws IOException {
            assertThat(Files.readString(disk.path("file"))).isEqualTo("forced");
            assertThat(((DiskHandle) disk).remote().seed()).isEqualTo(4711);
            assertThat(Files.readString(Path.of("/proc/self/mounts")))
                    .containsPattern(disk.device() + " .* ext4 .*noatime");
            assertThat(disk.faults().rules())
                    .hasSize(1)
                    .anyMatch(rule -> rule.text().equals(SCRIPT));
            disk.faults().lenient("bad");
        }

        @Test
        void asItBegan(@ReplayFrom(value = BUNDLE, at = ReplayFrom.START) Disk disk) {
            assertThat(disk.path("lost+found")).isDirectory();
            assertThat(disk.path("file")).doesNotExist();
            disk.faults().lenient("bad");
        }

        @Test
        void withItsRuleToBeUsed(@ReplayFrom(BUNDLE) Disk disk) {}
    }

    static class Properties {
        static final List<Integer> SAMPLES = new CopyOnWriteArrayList<>();

        @Property(tries = 20, shrinking = ShrinkingMode.FULL, edgeCases = EdgeCasesMode.NONE, seed = "42")
        void shrinks(
                @ForAll @IntRange(min = 0, max = 1000) int value,
                @UblkDisk(size = "16MiB", mount = EXT4, seed = 9, record = true) Disk disk)
                throws IOException {
            SAMPLES.add(value);
            force(disk.path("file"), "value " + value);
            disk.mark("forced");
            force(disk.path("file"), "more");
            assertThat(value).isLessThan(300);
        }
    }

    static class AgainAfterProperty {
        @Test
        void asItWasLeft(@ReplayFrom(BUNDLE) Disk disk) throws IOException {
            assertThat(Files.readString(disk.path("file"))).isEqualTo("more");
        }

        @Test
        void atAMark(@ReplayFrom(value = BUNDLE, at = "forced") Disk disk) throws IOException {
            assertThat(Files.readString(disk.path("file"))).isEqualTo("value 300");
        }

        @Test
        void asItBegan(@ReplayFrom(value = BUNDLE, at = ReplayFrom.START) Disk disk) {
            assertThat(disk.path("file")).doesNotExist();
        }
    }

    public static class History {
        @Test
        void atAMark(@ReplayFrom(value = BUNDLE, at = "one") Disk disk) throws IOException {
            assertThat(Files.readString(disk.path("file"))).isEqualTo("one");
        }

        @Test
        void atTheEnd(@ReplayFrom(BUNDLE) Disk disk) throws IOException {
            assertThat(Files.readString(disk.path("file"))).isEqualTo("two");
        }

        @Test
        void atAMarkThatIsNone(@ReplayFrom(value = BUNDLE, at = "three") Disk disk) {}
    }

    static class Wrong {
        @Test
        void noFile(@ReplayFrom("target/no-such.zip") Disk disk) {}

        @Test
        void noBundle(@ReplayFrom("pom.xml") Disk disk) {}
    }

    private static void force(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(text.getBytes()));
            channel.force(true);
        }
    }
}
