/** Connects jqwik with the disks. The only package that needs jqwik. */
package io.ublkdisk.junit.engine.jqwik;
