/**
 * What happened: the last requests, faults and power cuts of a disk in bounded memory, and logs of writes with their replay.
 */
package io.ublkdisk.journal;
