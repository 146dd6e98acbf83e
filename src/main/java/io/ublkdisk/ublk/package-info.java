/**
 * The ublk server: control device, queues, and the life of a device. It serves any {@code Backend} and knows no drive.
 */
package io.ublkdisk.ublk;
