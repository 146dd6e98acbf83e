package io.ublkdisk.media;

/** The pool has no more memory for pages. The request that needed one fails; the disk goes on. */
public final class OutOfPagesException extends RuntimeException {
    OutOfPagesException(long reservedBytes, String remedy) {
        super("no memory for another page of the disk: " + (reservedBytes >> 20) + " MiB are reserved; " + remedy
                + ", or close snapshots and disks that are no longer needed");
    }
}
