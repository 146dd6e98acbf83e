package io.ublkdisk.junit;

import org.apiguardian.api.API;

/** Entry point of the assertions for those who use AssertJ, which this artifact does not bring along. */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class DiskAssertions {
    private DiskAssertions() {}

    /** Begins an assertion about that disk. */
    public static DiskAssert assertThat(Disk disk) {
        return new DiskAssert(disk);
    }
}
