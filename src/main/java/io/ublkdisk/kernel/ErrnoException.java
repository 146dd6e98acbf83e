package io.ublkdisk.kernel;

import java.io.IOException;

/** The kernel said no: which operation, and its error by name. */
public class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final String operation;
    private final Errno errno;

    public ErrnoException(String operation, Errno errno) {
        this(operation, errno, operation + ": " + errno + " (" + errno.text() + ")");
    }

    protected ErrnoException(String operation, Errno errno, String message) {
        super(message);
        this.operation = operation;
        this.errno = errno;
    }

    /** Returns what was tried, for instance {@code open /dev/ublkc0} or {@code START_DEV}. */
    public String operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }
}
