/**
 * The command {@code ublkdisk}. Only this room and the rooms in it print and end the process.
 */
package io.ublkdisk.cli;
