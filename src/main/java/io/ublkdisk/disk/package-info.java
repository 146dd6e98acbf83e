/**
 * The drive: it joins link, cache and media, and holds power, snapshots and recordings.
 */
package io.ublkdisk.disk;
