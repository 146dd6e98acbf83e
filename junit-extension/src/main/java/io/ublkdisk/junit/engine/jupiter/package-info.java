/** Connects JUnit Jupiter with the disks: contexts, fields, parameters, crash tests. */
package io.ublkdisk.junit.engine.jupiter;
