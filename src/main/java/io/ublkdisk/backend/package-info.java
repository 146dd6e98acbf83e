/**
 * Ready-made backends for programs that serve a disk themselves: memory, files, stripes over several files, zoned disks, and
 * disks with protection information. They have no faults.
 */
package io.ublkdisk.backend;
