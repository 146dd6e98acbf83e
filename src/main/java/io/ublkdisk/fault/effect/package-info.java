/**
 * What can happen to a request: one class, one word of the language, one page under {@code docs/faults}, one test class each.
 * All are values; {@link io.ublkdisk.fault.Effect} says what they have in common.
 */
package io.ublkdisk.fault.effect;
