/**
 * The command {@code ublkdisk}. Only this room and {@code cli.kublk} print and end the process.
 */
package io.ublkdisk.cli;
