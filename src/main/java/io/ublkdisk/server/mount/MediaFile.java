package io.ublkdisk.server.mount;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.StateFolder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the bytes of a disk are kept: in this process, or in a file. A disk that can be recovered must have its bytes where
 * the next server finds them. If no option gives it a file, it gets one in the state folder, which is memory on most
 * machines.
 */
public final class MediaFile {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private MediaFile() {}

    public static boolean isFile(DiskSpec spec) {
        return spec.file().isPresent() || spec.recovery() != Recovery.NONE;
    }

    /** Returns a file of the disk's own, to be deleted with it; empty if it needs none. */
    public static Optional<Path> choose(DiskSpec spec, StateFolder folder) {
        return spec.file().isPresent() || spec.recovery() == Recovery.NONE
                ? Optional.empty()
                : Optional.of(folder.path()
                        .resolve("media-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet()));
    }
}
