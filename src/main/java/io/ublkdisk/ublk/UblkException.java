package io.ublkdisk.ublk;

import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.ErrnoException;

/** Something could not be done with a ublk device: which operation, the kernel's error by name, and what to do about it. */
public final class UblkException extends ErrnoException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    UblkException(String operation, Errno errno, String remedy) {
        super(operation, errno, operation + ": " + errno + " (" + errno.text() + "). " + remedy);
        this.remedy = remedy;
    }

    /** Returns this error as one of that device. */
    static UblkException explained(ErrnoException e, int deviceId) {
        return e instanceof UblkException explained
                ? explained
                : new UblkException(
                        e.operation() + " of ublk device " + deviceId,
                        e.errno(),
                        "The kernel log (dmesg) may say more.");
    }

    /** Returns whether there is no such device, or no longer. */
    public boolean isGone() {
        return errno() == Errno.ENODEV;
    }

    /** Returns whether a device has that number already. */
    public boolean isTaken() {
        return errno() == Errno.EEXIST;
    }

    /** Returns what to do, as a sentence. */
    public String remedy() {
        return remedy;
    }
}
