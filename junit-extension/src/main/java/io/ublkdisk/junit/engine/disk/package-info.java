/** Implements {@link io.ublkdisk.junit.Disk} and its parts on a disk of the server. */
package io.ublkdisk.junit.engine.disk;
