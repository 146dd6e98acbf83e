/**
 * Linux as the JVM sees it: system calls, mapped memory, and a flyweight for each struct of the kernel. Only this room uses
 * JNA.
 */
package io.ublkdisk.kernel;
