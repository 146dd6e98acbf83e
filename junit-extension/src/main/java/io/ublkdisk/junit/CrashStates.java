package io.ublkdisk.junit;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * The disks that a crash of a recorded run could have left (docs/explanation/crash-states.md), from {@link Disk#crashStates}: shown one after
 * the other on a second disk, while the first goes on. Iterating shows each in turn, mounted if the recorded disk has a
 * filesystem; one that cannot be mounted ends the iteration with an {@link java.io.UncheckedIOException} that names it.
 *
 * <pre>{@code
 * disk.record();
 * …write, force, disk.mark("1")…
 * try (CrashStates states = disk.crashStates()) {
 *     for (CrashedDisk crashed : states) {
 *         assertThat(Wal.recover(crashed.mountPoint())).as(crashed.state()).containsAll(crashed.marks());
 *     }
 * }
 * }</pre>
 *
 * <p>What is opened on a state must be closed before the next is shown. For one thread. {@link CrashTest} makes a test of each
 * state, and a failing one small.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
public interface CrashStates extends Iterable<CrashedDisk>, AutoCloseable {
    /** Returns their names, in the order of the run; of equal states there is one. */
    List<String> names();

    /**
     * Shows that state alone, of any name that docs/explanation/crash-states.md allows, not only of {@link #names}. What was shown before is
     * gone, and so is what a check has written there.
     *
     * @throws IOException if it cannot be mounted, which may be what the crash has done to its filesystem
     * @throws IllegalArgumentException if there is no such state
     */
    CrashedDisk show(String name) throws IOException;

    /**
     * Unmounts the state that is shown, and has its filesystem checked by its own program, which changes nothing.
     *
     * @return what is wrong; empty if it is clean
     * @throws IOException if files are open on it
     */
    Optional<String> fsck() throws IOException;

    /**
     * Takes the second disk away; the end of the test does too. Idempotent.
     *
     * @throws AssertionError if no state was looked at: then they have proved nothing
     */
    @Override
    void close() throws IOException;
}
