/** What README.md and docs/quickstart.md show, as their reader compiles it: outside of our packages. */
package io.ublkdisk.example;
