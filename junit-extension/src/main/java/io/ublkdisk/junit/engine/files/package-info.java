/** Finds which file has which sectors, and which process has which file open. */
package io.ublkdisk.junit.engine.files;
