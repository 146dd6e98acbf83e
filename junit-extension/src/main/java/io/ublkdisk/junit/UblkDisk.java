package io.ublkdisk.junit;

import io.ublkdisk.block.Recovery;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test a real Linux block device, {@code /dev/ublkbN}, formatted and mounted if asked, that fails on cue.
 *
 * <pre>{@code
 * @Test
 * void reportsMediumError(
 *         @UblkDisk(size = "64MiB", mount = EXT4, faults = "rule bad: on read sectors 4096..4103 fail MEDIUM") Disk disk) {
 *     …
 *     disk.faults().verify("bad").fired();
 * }
 * }</pre>
 *
 * <p><b>Where.</b> On a parameter or a field of type {@link Disk}, directly or through an annotation of your own that
 * carries this one. How long the disk lives follows from where it stands:
 *
 * <ul>
 *   <li>a {@code static} field, or a parameter of {@code @BeforeAll}: one disk for the class;
 *   <li>an instance field: a fresh disk for each test, the same in its {@code @BeforeEach} and {@code @AfterEach};
 *   <li>a parameter of a test, {@code @BeforeEach}, {@code @AfterEach} or constructor: a fresh disk for that declaration
 *       and each test; two declarations are two disks;
 *   <li>a parameter or an instance field of a jqwik {@code @Property}: one disk for the property, put back to its first
 *       state before each try; a static field: one for the class, which nothing puts back.
 * </ul>
 *
 * Works with {@code @Test}, {@code @ParameterizedTest}, {@code @RepeatedTest}, {@code @TestFactory} (one disk for all
 * that the factory makes), {@code @Nested}, and in parallel execution; disks never share anything, and the kernel chooses
 * their numbers. Needs JUnit 5.14 or newer.
 *
 * <p><b>Afterwards</b>, however the test ended, the filesystem is unmounted and the device is deleted. The test fails if it
 * left files open (the message names process and file), if a device or mount could not be removed, or if a rule was armed
 * and never fired or the moment of a step never came, unless {@link #lenient()}. Where no disk can be made the test fails and names the probe that failed;
 * with the configuration parameter {@code ublkdisk.unavailable=skip} it is skipped.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(AnnotatedDiskExtension.class)
public @interface UblkDisk {
    /** The {@link #seed()} that stands for none: one is chosen, and a failing test's report says which. */
    long CHOSEN_SEED = Long.MIN_VALUE;

    /**
     * Returns how large the disk is: bytes, or with KiB, MiB, GiB, TiB. A multiple of {@link #logicalBlockSize()}. It costs
     * memory only for what is written. XFS needs 300 MiB, btrfs 114 MiB.
     */
    String size() default "256MiB";

    /** Returns the filesystem to make on it and to mount; {@link FileSystem#NONE} leaves a raw block device. */
    FileSystem mount() default FileSystem.NONE;

    /** Options as {@code mount -o} takes them, for instance {@code "errors=remount-ro,noatime"}. */
    String mountOptions() default "";

    /** Words for the filesystem's mkfs, after ublkdisk's own, for instance {@code "-O ^has_journal"}. */
    String mkfsOptions() default "";

    /** Returns how many queues the device has, each served by a thread of its own. */
    int queues() default 1;

    /** Returns how many requests each queue has in flight at most, 1 to 4096. */
    int queueDepth() default 64;

    /** Returns the smallest unit that the kernel reads or writes, in bytes: 512, 1024, 2048 or 4096. */
    int logicalBlockSize() default 512;

    /**
     * Returns whether it has a volatile write cache, as drives do: what is written is safe when it has been flushed, and a
     * power cut takes what has not. {@code false} writes through: all is durable when it is acknowledged, the kernel sends no
     * flush, and a power cut takes nothing.
     */
    boolean volatileCache() default true;

    /**
     * Returns how much unflushed data that cache holds, in bytes or with KiB, MiB, GiB; what is more it writes back unasked,
     * the oldest first, as drives do.
     */
    String cacheSize() default "256MiB";

    /**
     * Rules, in force from the moment the test gets the disk; it is formatted and mounted without them. Each element is
     * text of the fault language, one or more lines, or {@code "classpath:NAME"} or {@code "file:PATH"} of a script. Lines with
     * a moment wait for it, for instance for {@link Disk#mark}; {@code "classpath:fault-scripts/dying-disk.fault"} and its kin
     * come with ublkdisk.
     */
    String[] faults() default {};

    /** Returns what all chance of this disk comes from; goes before a {@code seed} line in {@link #faults()}. */
    long seed() default CHOSEN_SEED;

    /**
     * Returns whether the disk outlives its server, see {@link Disk#server()}, and what its requests do until there is another.
     * Such a disk has a server of its own, its bytes in a file, and no volatile cache: what has been acknowledged must not die
     * with a process.
     */
    Recovery recovery() default Recovery.NONE;

    /** Returns whether rules may go unfired, and moments never come. */
    boolean lenient() default false;

    /**
     * Returns whether all that becomes durable is kept in a file while the test runs, so that the replay bundle of a failed
     * test has each state that the disk was in, and {@link ReplayFrom#at} can name each mark. Without it the bundle has the
     * first and the last.
     */
    boolean record() default false;
}
