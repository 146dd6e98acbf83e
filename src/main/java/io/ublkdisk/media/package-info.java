/**
 * Bytes at rest: pages of 4 KiB that are copied when they are written, so that a snapshot costs the same for each size of disk.
 */
package io.ublkdisk.media;
