package io.ublkdisk.junit;

import org.apiguardian.api.API;

/**
 * When what a program has left in the page cache reaches the disk during the run of a {@link CrashTest}. The kernel may write any
 * dirty page at any moment, and a run is over before its own timer comes (5 to 35 seconds). So a program that forces nothing is
 * found to lose its last work, but not to be damaged, unless something writes back meanwhile.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public enum WriteBack {
    /** What the program forces, and what the kernel happens to write. */
    NONE,
    /** Every 100 ms all files, the one that was changed first first, and then the filesystem's journal: as the kernel's timer does. */
    PERIODIC,
    /** Pieces of files, whole files and the filesystem's journal, in an order and at moments that the seed chooses. */
    SEEDED
}
