package io.ublkdisk.protocol;

/** A line that does not follow the protocol. The other side is told, and the conversation goes on. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one with that message. */
    public ProtocolException(String message) {
        super(message);
    }
}
