package io.ublkdisk.control;

/** The disk that was asked about is gone, because it was deleted; the message says by whom, where that is known. */
public final class DiskEndedException extends DiskException {
    private static final long serialVersionUID = 1;

    DiskEndedException(String message) {
        super(message);
    }
}
