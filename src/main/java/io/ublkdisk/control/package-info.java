/**
 * How to talk to a disk server: the protocol on its Unix socket, and the client's side of it. Plain Java, no natives, so a
 * test can hold a {@link io.ublkdisk.control.RemoteDisk} without serving anything itself.
 *
 * <p><b>The protocol.</b> A request is one line of UTF-8, at most 64 KiB with its line feed: a verb, then words separated by
 * spaces; the last one of some verbs (a rule, a script) is the rest of the line, spaces and all. The answer is any number of
 * lines {@code ". words"}, then one line {@code "ok words"} or {@code "error text"}. In every word {@code \\} is a backslash,
 * <code>\n</code> a line feed, {@code \s} a space, {@code \e} nothing at all and <code>&#92;uXXXX</code> any UTF-16 unit; raw
 * control characters are refused. Requests of one connection are served in their order, those of several at the same time.
 *
 * <pre>
 *   hello pid=N                    who is there; N's mount namespace is where mounts are made
 *   create owned=B size=N …        the fields of {@link io.ublkdisk.control.DiskSpec}   ok id=N name=NAME device=PATH …
 *   list | info D                  . id=N name=NAME …
 *   delete D [force]               . leak …                       D is a name, an id or a device path
 *   fault D RULE | script D TEXT   ok NAME | . NAME …
 *   rules D | clear D [NAME]       . name= matched= fired= text=
 *   stats D                        . reads=N writes=N …
 *   mount D [path=P] [options=O] | unmount D | remount D | reset D
 *   power-cut D [keep=none|all|random P] [seed=S] | power-on D      ok what was lost
 *   snapshot D NAME | rewind D NAME
 *   log-writes D PATH | end-log-writes D     ok path= entries= bytes= [ended-by=]
 *   save D PATH                              ok SHA-256
 *   features | ping
 * </pre>
 *
 * A disk created with {@code owned=true} belongs to the connection that created it: when that closes, for whatever reason,
 * the server takes the disk down. A server lives as long as a client is connected or it has a disk.
 */
package io.ublkdisk.control;
