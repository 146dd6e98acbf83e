package io.ublkdisk.junit;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A test and a property that need a disk. */
class MissingEnvironmentTestCase {
    @Test
    void test(@UblkDisk(size = "1MiB") Disk disk) {
        disk.device();
    }

    @Property(tries = 2)
    void property(@ForAll int any, @UblkDisk(size = "1MiB") Disk disk) {
        disk.device();
    }
}
