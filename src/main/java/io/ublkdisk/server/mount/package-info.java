/** What is between a device and a file: mount namespaces, filesystems, their checks, and who uses them. */
package io.ublkdisk.server.mount;
