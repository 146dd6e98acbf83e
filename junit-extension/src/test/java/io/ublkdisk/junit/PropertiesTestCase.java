package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.EXT4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Properties that have disks. */
class PropertiesTestCase {
    static class Parameters {
        static final Set<String> DEVICES = new HashSet<>();

        @Property(tries = 5)
        void everyTryFindsItAsItWasAtFirst(
                @ForAll @IntRange(min = 1, max = 100) int value, @UblkDisk(size = "1MiB") Disk disk)
                throws IOException {
            ScopesTestCase.assertFresh(disk);
            ScopesTestCase.mark(disk, value);
            DEVICES.add(disk.device().toString());
        }

        @Property(tries = 3)
        void filesOfAnEarlierTryAreGone(
                @ForAll @IntRange(min = 1, max = 100) int value,
                @UblkDisk(size = "16MiB", mount = EXT4, faults = "rule slow: on write delay 1ms") Disk disk)
                throws IOException {
            assertThat(disk.path("file")).doesNotExist();
            Files.writeString(disk.path("file"), "try " + value);
            if (value % 2 == 0) {
                disk.unmount();
            } else {
                disk.remount();
            }
            disk.faults().verify("slow").fired();
            disk.faults().clear();
        }
    }

    static class Unused {
        static Disk last;

        @Property(tries = 5)
        void neverTouched(@ForAll int value, @UblkDisk(size = "1MiB") Disk disk) throws IOException {
            last = disk;
            assertThat(disk.toString()).contains("not used yet", "neverTouched");
            assertThat(Leftovers.devices()).isEmpty();
        }
    }

    static class Failing {
        static final AtomicInteger TRIES = new AtomicInteger();

        @Property(tries = 50, shrinking = ShrinkingMode.FULL, seed = "42")
        void shrinks(@ForAll @IntRange(min = 0, max = 1000) int value, @UblkDisk(size = "1MiB", seed = 9) Disk disk)
                throws IOException {
            TRIES.incrementAndGet();
            ScopesTestCase.assertFresh(disk);
            assertThat(value).isLessThan(300);
        }
    }

    static class Rules {
        @Property(tries = 4)
        void firedInOneTryOnly(
                @ForAll @IntRange(min = 0, max = 3) int value,
                @UblkDisk(size = "1MiB", faults = "rule sometimes: on read sectors 8..15 flip 1 bit") Disk disk)
                throws IOException {
            try (RawDevice device = new RawDevice(disk.device())) {
                device.read(value == 3 ? 8 * 512 : 0, 512);
            }
        }

        @Property(tries = 3)
        void firedInNoTry(@ForAll int value, @UblkDisk(size = "1MiB", faults = EndingsTestCase.NEVER) Disk disk)
                throws IOException {
            ScopesTestCase.assertFresh(disk);
        }
    }

    static class Fields {
        @UblkDisk(size = "1MiB")
        static Disk ofClass;

        @UblkDisk(size = "1MiB")
        Disk fresh;

        private static final AtomicInteger WRITES = new AtomicInteger();

        @Property(tries = 3)
        void first(@ForAll int value) throws IOException {
            ScopesTestCase.assertFresh(fresh);
            assertThat(ScopesTestCase.markOf(ofClass)).isEqualTo(WRITES.get());
            ScopesTestCase.mark(ofClass, WRITES.incrementAndGet());
        }

        @Property(tries = 3)
        void second(@ForAll int value) throws IOException {
            first(value);
        }
    }

    static class Without {
        @Property(tries = 3)
        void needsNoDisk(@ForAll int value) {
            assertThat(value).isEqualTo(value);
        }
    }
}
