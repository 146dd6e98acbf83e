package io.ublkdisk.server;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Freshly formatted disks, kept for the next one that is asked for alike: a fork of their pages instead of a run of mkfs. They
 * live as long as the server and share its pages.
 *
 * <p>Such disks have the same UUID. ext4 does not mind. XFS mounts a second one only if told not to look, which it is. btrfs
 * takes two disks of one UUID for one filesystem, so there each is made by itself. Thread safe.
 */
final class Templates {
    /** What mkfs makes a disk from; its program stands for its version. */
    private record Key(
            FileSystem fs, long sizeBytes, int blockSize, int physicalBlockSize, String options, Program mkfs) {}

    private record Program(Path path, long size, long modifiedMillis) {}

    private final Map<Key, Snapshot> made = new ConcurrentHashMap<>();

    /** A formatted disk like the one asked for; empty if there has been none, or none may be copied. */
    Optional<Snapshot> find(DiskSpec spec) throws IOException {
        return isCopied(spec) ? Optional.ofNullable(made.get(key(spec))) : Optional.empty();
    }

    /** Keeps what was just formatted, and written wholly to the drive. */
    void keep(DiskSpec spec, Drive formatted) throws IOException {
        if (isCopied(spec)) {
            Snapshot mine = formatted.snapshot();
            if (made.putIfAbsent(key(spec), mine) != null) {
                mine.close();
            }
        }
    }

    private static boolean isCopied(DiskSpec spec) {
        FileSystem fs = spec.fileSystem();
        return spec.file().isEmpty() && fs != FileSystem.NONE && fs != FileSystem.BTRFS;
    }

    private static Key key(DiskSpec spec) throws IOException {
        Path program = MakeFileSystem.program(spec.fileSystem()).orElseThrow();
        return new Key(
                spec.fileSystem(),
                spec.sizeBytes().orElseThrow(),
                spec.logicalBlockSizeBytes(),
                spec.physicalBlockSizeBytes(),
                spec.mkfsOptions(),
                new Program(
                        program,
                        Files.size(program),
                        Files.getLastModifiedTime(program).toMillis()));
    }

    /** Those options, and what copies need beside. */
    static String mountOptions(FileSystem fs, String options) {
        return fs != FileSystem.XFS ? options : options.isBlank() ? "nouuid" : options + ",nouuid";
    }
}
