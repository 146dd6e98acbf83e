package io.ublkdisk.server.mount;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import java.nio.file.Path;
import java.util.List;

/** The program that looks whether a filesystem is whole, and changes nothing. */
public final class Fsck {
    private Fsck() {}

    /** @throws DiskException for a disk without a filesystem */
    public static List<String> command(FileSystem fs, Path device) throws DiskException {
        return switch (fs) {
            case EXT4 -> List.of("e2fsck", "-f", "-n", device.toString());
            case XFS -> List.of("xfs_repair", "-n", device.toString());
            case BTRFS -> List.of("btrfs", "check", device.toString());
            case NONE -> throw new DiskException(device + " has no filesystem to check");
        };
    }
}
