package io.ublkdisk.control;

/**
 * The disk server is gone, and every disk that it served with it: their block devices have vanished, and whatever is still
 * mounted from them answers EIO. The message has its exit status and the last lines that it wrote, where they are known.
 */
public final class ServerDiedException extends DiskException {
    private static final long serialVersionUID = 1;

    /** Makes one with that message and cause. */
    public ServerDiedException(String message, Throwable cause) {
        super(message, cause);
    }
}
