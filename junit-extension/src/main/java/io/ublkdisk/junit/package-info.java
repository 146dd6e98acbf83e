/**
 * {@link io.ublkdisk.junit.UblkDisk}: a real disk that fails on cue, in a JUnit Jupiter test or a jqwik property.
 *
 * <p>Three doors (static field, instance field, parameter; and {@link io.ublkdisk.junit.UblkDiskExtension} for computed
 * settings) lead to one {@code DiskFactory}. What it makes stands on a {@code Shelf}, one for each Jupiter context, which
 * Jupiter closes; or, for jqwik, behind a {@code LazyDisk}. Both end in the same {@code Farewell}. AssertJ and jqwik are
 * touched by {@code DiskAssert} and {@code JqwikDisks} only, so without them nothing is missed.
 */
package io.ublkdisk.junit;
