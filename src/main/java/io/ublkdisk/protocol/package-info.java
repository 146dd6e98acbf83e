/**
 * The protocol on a server's Unix socket, typed: each {@link io.ublkdisk.protocol.Command} is a record with its line and its
 * reader, each {@link io.ublkdisk.protocol.Reply} too. Client and server share these, so they cannot disagree. docs/protocol.md
 * is made from {@link io.ublkdisk.protocol.Verb}.
 */
package io.ublkdisk.protocol;
