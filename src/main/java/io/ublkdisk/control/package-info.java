/**
 * The client's side of a disk server: finding one or starting one, calling it with a bound, and its disks as objects. Plain Java,
 * no natives, so a test can hold a {@link io.ublkdisk.control.RemoteDisk} without serving anything itself. What goes over the
 * socket is in the room {@code protocol}.
 *
 * <p>A disk created by {@link io.ublkdisk.control.ServerConnection#create} belongs to the connection: when that closes, for
 * whatever reason, the server takes the disk down. A server lives as long as a client is connected or it has a disk.
 */
package io.ublkdisk.control;
