package io.ublkdisk.control;

/** Which ublkdisk this is. */
public final class Version {
    /** The version of ublkdisk. */
    public static final String TEXT = "0.1.0";

    private Version() {}
}
