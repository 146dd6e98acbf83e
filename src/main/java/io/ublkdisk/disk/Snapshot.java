package io.ublkdisk.disk;

import io.ublkdisk.media.CowMedia;

/**
 * All bytes of a drive at one moment. Holds only the memory that the drive has changed since; to be closed, after which it
 * can no longer be gone back to. Drives that were made from it do not need it any more.
 */
public final class Snapshot implements AutoCloseable {
    private final CowMedia media;
    private boolean closed;

    /** Takes over the media. */
    public Snapshot(CowMedia media) {
        this.media = media;
    }

    public long sizeBytes() {
        return media.sizeBytes();
    }

    /** Returns the same bytes once more, the caller's, to close. */
    public synchronized CowMedia fork() {
        if (closed) {
            throw new IllegalStateException("the snapshot is closed; take another one");
        }
        return media.fork();
    }

    /** @throws IllegalArgumentException if it is of a disk of another size */
    void checkFits(long diskBytes) {
        if (sizeBytes() != diskBytes) {
            throw new IllegalArgumentException("the snapshot is of a disk of " + sizeBytes() + " bytes, this one has "
                    + diskBytes + "; rewind to a snapshot of this disk");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        media.close();
    }
}
