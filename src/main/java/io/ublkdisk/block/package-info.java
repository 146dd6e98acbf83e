/**
 * The words that all rooms share: request, operation, status, sectors and clock, and the {@code Backend} that a server
 * serves. It uses no other room.
 */
package io.ublkdisk.block;
