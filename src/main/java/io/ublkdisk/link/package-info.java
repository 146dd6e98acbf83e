/**
 * The cable and the firmware: whether and when a request goes on. Here requests are delayed, held and failed.
 */
package io.ublkdisk.link;
