package io.ublkdisk.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A check that runs once for each disk that a crash of a program could have left, each as a test of its own.
 *
 * <pre>{@code
 * static void run(CrashRun run) throws IOException {
 *     try (Wal wal = new Wal(run)) {
 *         run.beginHere();
 *         for (int i = 1; i <= 3; i++) {
 *             wal.append(i);
 *             run.mark("" + i);            // from here on it has promised i
 *         }
 *     }
 * }
 *
 * @CrashTest(run = "run", mount = EXT4)
 * void hasWhatWasPromised(CrashedDisk disk) throws IOException {
 *     assertThat(Wal.recover(disk.mountPoint())).containsAll(disk.marks());
 * }
 * }</pre>
 *
 * <p>The program runs on a disk that records it: the first test of the method. Then for each crash state (docs/explanation/crash-states.md) a
 * disk with its bytes is mounted, which is when the filesystem recovers; the check runs; the disk is unmounted, and fsck must find
 * nothing to repair. Of the states that fail for one cause the first is shrunk to the fewest lost or torn writes that still make it
 * fail so, by running the check again on smaller ones; its report says which those are, which bytes of which file, and which line
 * of the program wrote them or promised too much, and its replay bundle has the bytes of that state.
 *
 * <p>A test that proves nothing fails: a run that changes nothing, a check that reads nothing from the disk or asks for marks that
 * the run has not set, states that are all equal to the disk at the start.
 *
 * <p>All states are shown one after the other, never at the same time. What the check opens there it must close.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(CrashTestExtension.class)
public @interface CrashTest {
    /**
     * Returns the method of the same class that runs the program: it takes a {@link CrashRun}, may take {@link #arguments}
     * behind it, and may throw. If it is not static, it is called on an instance of the test, as a check is.
     */
    String run();

    /**
     * Returns the static method of the same class that says with which arguments the program runs, as a stream, a collection or
     * an array: there is a run for each element. An element is one argument, or an array or a Jupiter {@code Arguments} of
     * several. The check may declare them too. Empty: one run, without arguments.
     */
    String arguments() default "";

    /**
     * Returns what reaches the disk during the run beside what the program forces: there is a run for each, with its own
     * states. With {@link WriteBack#NONE} alone a program that never forces loses its work and is not found to be damaged;
     * {@link WriteBack#SEEDED} shows that, and takes about as long again.
     */
    WriteBack[] writeBack() default {WriteBack.NONE};

    /** Returns how long the run may take; then it is interrupted, and fails. */
    int runLimitSeconds() default 600;

    /** Returns the value of {@link UblkDisk#size()} for its disks. */
    String size() default "64MiB";

    /** Returns the filesystem, see {@link UblkDisk#mount()}; NONE is not allowed. */
    FileSystem mount() default FileSystem.EXT4;

    /** Returns the value of {@link UblkDisk#mountOptions()} for its disks. */
    String mountOptions() default "";

    /** Returns the value of {@link UblkDisk#mkfsOptions()} for its disks. */
    String mkfsOptions() default "";

    /** Returns how many states of each flush epoch at most. */
    int perEpoch() default 8;

    /** Returns whether writes are torn too. */
    boolean tears() default true;

    /**
     * Returns what the drive writes wholly or not at all, in bytes: a write is torn only at multiples of it, from the beginning
     * of the disk. Zero: a logical block, as the cheapest drive. 4096: a drive whose sectors are 4 KiB, though it speaks of 512
     * bytes.
     */
    int atomicWriteBytes() default 0;

    /** Returns what the choice of states comes from. */
    long seed() default 0;

    /** Returns whether fsck must find the filesystem clean after the check. */
    boolean fsck() default true;

    /** Returns how many states may be tried to make a failing one small; three times as many for all causes together. */
    int shrinkTries() default 60;
}
