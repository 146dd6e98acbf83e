package io.ublkdisk.control;

import io.ublkdisk.protocol.Version;

/** Thrown when the server speaks another version of the protocol, because it is of another build; the message has the remedy. */
public final class OtherBuildException extends DiskException {
    private static final long serialVersionUID = 1;

    OtherBuildException(int server, long pid) {
        super(Version.mismatch(Version.PROTOCOL, server, pid));
    }
}
