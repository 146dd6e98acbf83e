package io.ublkdisk.junit;

import java.nio.file.Path;
import java.util.List;
import org.apiguardian.api.API;

/** A disk as a crash left it, mounted again: what the check of a {@link CrashTest} gets. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface CrashedDisk {
    /** Returns the block device. */
    Path device();

    /** Returns where its filesystem is mounted, after whatever recovery the kernel does. */
    Path mountPoint();

    /** Returns a path under {@link #mountPoint()}. */
    default Path path(String first, String... more) {
        return mountPoint().resolve(Path.of(first, more));
    }

    /** Returns the name of the crash state, see docs/explanation/crash-states.md. */
    String state();

    /** Returns what the program had promised when it crashed, in order; it may have begun with more. */
    List<String> marks();
}
