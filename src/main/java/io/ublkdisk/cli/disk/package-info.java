/** Commands about a disk that runs: each finds its disk, asks the server once, and prints the answer. */
package io.ublkdisk.cli.disk;
