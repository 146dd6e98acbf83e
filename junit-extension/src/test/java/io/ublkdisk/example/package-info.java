/** What README.md and docs/guide/quickstart.md show, as their reader compiles it: outside of our packages. */
package io.ublkdisk.example;
