/** Tells what the disks of a failed test did, and writes the bundle that repeats it. */
package io.ublkdisk.junit.engine.report;
