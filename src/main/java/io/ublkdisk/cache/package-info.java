/**
 * The volatile write cache: what has been written and not flushed, in order, and which images a power cut can leave of it.
 */
package io.ublkdisk.cache;
