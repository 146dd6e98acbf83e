/**
 * What a crash could have left of a recorded run, as values: changes and flush epochs, the states between them, their names,
 * samples of them, and how a failing one is made small. Without any bytes; those are the room {@code disk}'s.
 */
package io.ublkdisk.crash;
