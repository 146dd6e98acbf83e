/** Starts programs and threads that must end. */
package io.ublkdisk.junit.engine.process;
