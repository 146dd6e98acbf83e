/** Runs a program, checks each disk that a crash could have left, and explains a failure. Knows nothing of a test engine. */
package io.ublkdisk.junit.engine.campaign;
