package io.ublkdisk.junit;

import org.apiguardian.api.API;

/** What a disk is formatted with when it is created, see {@link UblkDisk#mount()}. */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public enum FileSystem {
    /** Nothing: a raw block device. */
    NONE,
    /** ext4, from 2 MiB. Needs e2fsprogs. */
    EXT4,
    /** XFS, from 300 MiB. Needs xfsprogs. */
    XFS,
    /** btrfs, with checksums of its data, from 114 MiB. Needs btrfs-progs. */
    BTRFS
}
