package io.ublkdisk.control;

import java.io.IOException;

/** A disk server could not do what it was asked; the message says what, why, and the way out. */
public class DiskException extends IOException {
    private static final long serialVersionUID = 1;

    /** Makes one with that message. */
    public DiskException(String message) {
        super(message);
    }

    /** Makes one with that message and cause. */
    public DiskException(String message, Throwable cause) {
        super(message, cause);
    }
}
