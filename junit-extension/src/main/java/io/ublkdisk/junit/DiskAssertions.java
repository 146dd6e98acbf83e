package io.ublkdisk.junit;

/** Entry point of the assertions for those who use AssertJ, which this artifact does not bring along. */
public final class DiskAssertions {
    private DiskAssertions() {}

    /** Begins an assertion about that disk. */
    public static DiskAssert assertThat(Disk disk) {
        return new DiskAssert(disk);
    }
}
