package io.ublkdisk.junit;

import static io.ublkdisk.junit.FileSystem.BTRFS;
import static io.ublkdisk.junit.FileSystem.EXT4;
import static io.ublkdisk.junit.FileSystem.XFS;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Disks that cannot be. Each is refused before any is made, so these need no device. */
@SuppressWarnings("unused")
class BadSettingsTestCase {
    @Target(ElementType.PARAMETER)
    @Retention(RetentionPolicy.RUNTIME)
    @UblkDisk(size = "1 parsec")
    @interface FarDisk {}

    @Test
    void zeroSize(@UblkDisk(size = "0") Disk disk) {}

    @Test
    void negativeSize(@UblkDisk(size = "-1MiB") Disk disk) {}

    @Test
    void unknownUnit(@UblkDisk(size = "12QiB") Disk disk) {}

    @Test
    void emptySize(@UblkDisk(size = "") Disk disk) {}

    @Test
    void notWholeBlocks(@UblkDisk(size = "8200", logicalBlockSize = 4096) Disk disk) {}

    @Test
    void tooSmallForXfs(@UblkDisk(size = "64MiB", mount = XFS) Disk disk) {}

    @Test
    void tooSmallForBtrfs(@UblkDisk(size = "64MiB", mount = BTRFS) Disk disk) {}

    @Test
    void noQueues(@UblkDisk(queues = 0) Disk disk) {}

    @Test
    void tooDeep(@UblkDisk(queueDepth = 5000) Disk disk) {}

    @Test
    void oddBlockSize(@UblkDisk(logicalBlockSize = 1000) Disk disk) {}

    @Test
    void uselessCacheSize(@UblkDisk(volatileCache = false, cacheSize = "1MiB") Disk disk) {}

    @Test
    void wrongCacheSize(@UblkDisk(cacheSize = "large") Disk disk) {}

    @Test
    void mountOptionsWithoutFilesystem(@UblkDisk(mountOptions = "noatime") Disk disk) {}

    @Test
    void mkfsOptionsWithoutFilesystem(@UblkDisk(mkfsOptions = "-O ^has_journal") Disk disk) {}

    @Test
    void missingResource(@UblkDisk(mount = EXT4, faults = "classpath:no-such.fault") Disk disk) {}

    @Test
    void missingFile(@UblkDisk(mount = EXT4, faults = "file:no-such.fault") Disk disk) {}

    @Test
    void unknownWord(@UblkDisk(faults = {"seed 1", "on read fial IO"}) Disk disk) {}

    @Test
    void unknownWordInAResource(@UblkDisk(faults = "classpath:faults/broken.fault") Disk disk) {}

    @Test
    void sectorPastTheEnd(@UblkDisk(size = "1MiB", faults = "on read sectors 2040..2048 fail IO") Disk disk) {}

    @Test
    void twoSeeds(@UblkDisk(faults = {"seed 1", "seed 2"}) Disk disk) {}

    @Test
    void twoRulesOfOneNameInTimelines(
            @UblkDisk(faults = {"rule a: on write note", "at mark \"m\" rule a: on read note"}) Disk disk) {}

    @Test
    void stepPastTheEnd(@UblkDisk(size = "1MiB", faults = "at mark \"m\" on read sectors 2048 note") Disk disk) {}

    @Test
    void twoRulesOfOneName(@UblkDisk(faults = {"rule a: on read fail IO", "rule a: on write fail IO"}) Disk disk) {}

    @Test
    void wrongType(@UblkDisk Path disk) {}

    @Test
    void throughAnotherAnnotation(@FarDisk Disk disk) {}

    static class FinalField {
        @UblkDisk
        final Disk disk = null;

        @Test
        void test() {}
    }

    static class FieldOfWrongType {
        @UblkDisk
        static String disk;

        @Test
        void test() {}
    }

    static class BadBuilder {
        @RegisterExtension
        UblkDiskExtension disk =
                UblkDiskExtension.builder().size("64MiB").mount(XFS).build();

        @Test
        void test() {}
    }

    @TestInstance(Lifecycle.PER_CLASS)
    @Execution(ExecutionMode.CONCURRENT)
    static class SharedInstance {
        @UblkDisk
        Disk disk;

        @Test
        void test() {}
    }
}
