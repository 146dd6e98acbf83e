/**
 * {@link io.ublkdisk.junit.UblkDisk}: a real disk that fails on cue, in a JUnit Jupiter test or a jqwik property;
 * {@link io.ublkdisk.junit.CrashTest}: a check of each disk that a crash could have left.
 *
 * <p>This package has all that a test imports. The implementation is in {@code io.ublkdisk.junit.engine} and its packages; they use
 * this one, and it does not name them (see {@link io.ublkdisk.junit.Engine}). AssertJ is needed for
 * {@link io.ublkdisk.junit.DiskAssertions} only, and jqwik for properties only.
 *
 * <p><b>Status.</b> Each type has an {@link org.apiguardian.api.API} status: what is {@code MAINTAINED} keeps its meaning within a minor
 * version, what is {@code EXPERIMENTAL} may change with a line in the changelog, what is {@code INTERNAL} is not for tests. No
 * method takes or returns null unless its declaration says {@code @Nullable}.
 *
 * <p><b>Threads.</b> A disk and all that it gives may be used by any thread, unless a type says otherwise.
 *
 * <p><b>Errors.</b> A method that talks to the operating system on behalf of the test, such as mounting, throws
 * {@link java.io.IOException}: what it met is news for the test. A method that only asks the disk server throws an unchecked
 * {@link java.io.UncheckedIOException}: if the server is dead, there is nothing that a test can do. Wrong arguments are an
 * {@link IllegalArgumentException}, calls at the wrong time an {@link IllegalStateException}; both name the value and the remedy.
 */
@NullMarked
package io.ublkdisk.junit;

import org.jspecify.annotations.NullMarked;
