package io.ublkdisk.block;

import io.ublkdisk.disk.Drive;

/**
 * What connects a device of the kernel with a drive. When it is pulled out every request of that device fails, for ever, and
 * the drive can be plugged into another one.
 */
public final class DetachableBackend implements Backend {
    private final Drive drive;
    private volatile boolean pulled;

    public DetachableBackend(Drive drive) {
        this.drive = drive;
    }

    public void pull() {
        pulled = true;
    }

    @Override
    public long sizeBytes() {
        return drive.sizeBytes();
    }

    @Override
    public void submit(Request request) throws Exception {
        if (pulled) {
            request.fail(BlockStatus.IO);
        } else {
            drive.submit(request);
        }
    }

    @Override
    public void close() {
        if (!pulled) {
            drive.close();
        }
    }
}
