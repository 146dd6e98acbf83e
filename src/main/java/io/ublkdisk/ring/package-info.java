/**
 * io_uring: submission and completion queues, timeouts, and buffers that the kernel chooses from.
 */
package io.ublkdisk.ring;
