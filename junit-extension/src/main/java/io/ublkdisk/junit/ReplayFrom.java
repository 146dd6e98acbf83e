package io.ublkdisk.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;

/**
 * In place of {@link UblkDisk}: gives a test the disk that a failed test has left, from its replay bundle: its bytes, size,
 * filesystem and options, with its script in force and its seed. It is mounted if the recorded disk was to be.
 *
 * <pre>{@code
 * @Test
 * void recovers(@ReplayFrom("target/ublkdisk-ublkb0.zip") Disk disk) {
 *     …
 * }
 * }</pre>
 *
 * What the failed test did to its rules while it ran is not done again, nor is anything mounted that had been unmounted: this
 * is the disk as it lies on a table, and the test says what is done with it. A disk of a test that {@linkplain UblkDisk#record
 * was recorded} can be had as it was at each of its marks.
 *
 * <p>May stand wherever {@link UblkDisk} may, with all that is said there. A bundle that is no bundle, damaged or of another
 * version fails the test, and the message says what is wrong with it.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1.0")
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@UblkDisk
public @interface ReplayFrom {
    /** For {@link #at}: as the failed test got it. The same test on it, with its seed and script, is the same test again. */
    String START = "ublkdisk-start";

    /** Returns the bundle: a path, relative to the folder in which the tests run. The report of a failed test names it. */
    String value();

    /** Up to which mark its history counts: {@link #START}, or one of a recorded test; by default all of it. */
    String at() default "";
}
