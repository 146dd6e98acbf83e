/**
 * {@code ublkdisk kublk}: the options, output and ways of {@code kublk}, the server that comes with the kernel's own tests in
 * {@code tools/testing/selftests/ublk}, so that these run unmodified against ours. It serves bare backends: no drive model, no
 * faults, no control socket. One process serves one device; it ends when the device is stopped, and deletes nothing.
 *
 * <p>Follows {@code kublk.c} of Linux 7.3. Unlike the other commands, it is a tool for tests of ublk itself.
 */
package io.ublkdisk.cli.kublk;
