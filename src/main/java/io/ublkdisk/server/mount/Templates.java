package io.ublkdisk.server.mount;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.disk.SnapshotFile;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.server.log.Log;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Freshly formatted disks, kept for the next one that is asked for alike: a fork of their pages instead of a run of mkfs. They
 * live as long as the server and share its pages; in a folder, if there is one, for the servers that come after.
 *
 * <p>Such disks have the same UUID. ext4 does not mind. XFS mounts a second one only if told not to look, which it is. btrfs
 * takes two disks of one UUID for one filesystem before Linux 6.7, and there each is made by itself; since then it mounts the
 * second as a filesystem of its own (temp_fsid in {@code fs/btrfs/volumes.c}). Thread safe.
 */
public final class Templates {
    /** Names the folder in which templates outlive the server; none if it is not set. */
    static final String FOLDER_VARIABLE = "UBLKDISK_TEMPLATES";

    private static final Pattern KERNEL = Pattern.compile("(\\d+)\\.(\\d+).*");

    /** What mkfs makes a disk from; its program stands for its version. */
    private record Key(
            FileSystem fs, long sizeBytes, int blockSize, int physicalBlockSize, String options, Program mkfs) {
        /** Returns a name that no other key has. */
        String fileName() {
            try {
                byte[] digest =
                        MessageDigest.getInstance("SHA-256").digest(toString().getBytes(StandardCharsets.UTF_8));
                return fs.word() + "-" + HexFormat.of().formatHex(digest) + ".snapshot";
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    private record Program(Path path, long size, long modifiedMillis) {}

    private final Map<Key, Snapshot> made = new ConcurrentHashMap<>();
    private final PagePool pool;
    private final Optional<Path> folder;

    Templates(PagePool pool, Optional<Path> folder) {
        this.pool = pool;
        this.folder = folder;
    }

    /** Returns the templates in the folder that the environment names. */
    public static Templates ofEnvironment(PagePool pool) {
        return new Templates(
                pool,
                Optional.ofNullable(System.getenv(FOLDER_VARIABLE))
                        .filter(name -> !name.isBlank())
                        .map(Path::of));
    }

    /** Returns a formatted disk like the one asked for; empty if there has been none, or none may be copied. */
    public Optional<Snapshot> find(DiskSpec spec) throws IOException {
        if (!isCopied(spec)) {
            return Optional.empty();
        }
        Key key = key(spec);
        Snapshot known = made.get(key);
        if (known != null) {
            return Optional.of(known);
        }
        return fromFolder(key).map(read -> keep(key, read));
    }

    /** Keeps what was just formatted, and written wholly to the drive. */
    public void keep(DiskSpec spec, Drive formatted) throws IOException {
        if (!isCopied(spec)) {
            return;
        }
        Key key = key(spec);
        Snapshot kept = keep(key, formatted.snapshot());
        folder.ifPresent(in -> {
            try {
                Files.createDirectories(in);
                SnapshotFile.write(kept, in.resolve(key.fileName()));
            } catch (IOException e) {
                Log.say("a freshly formatted disk is not kept in " + in + ": " + e);
            }
        });
    }

    private Snapshot keep(Key key, Snapshot snapshot) {
        Snapshot before = made.putIfAbsent(key, snapshot);
        if (before != null) {
            snapshot.close();
            return before;
        }
        return snapshot;
    }

    private Optional<Snapshot> fromFolder(Key key) {
        Optional<Path> file = folder.map(in -> in.resolve(key.fileName())).filter(Files::isRegularFile);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SnapshotFile.read(file.get(), pool));
        } catch (IOException e) {
            Log.say("a disk is formatted anew: " + file.get() + " cannot be used: " + e);
            return Optional.empty();
        }
    }

    private static boolean isCopied(DiskSpec spec) {
        return !MediaFile.isFile(spec)
                && switch (spec.fileSystem()) {
                    case NONE -> false;
                    case EXT4, XFS -> true;
                    case BTRFS -> mountsCopiesOfBtrfs(System.getProperty("os.version"));
                };
    }

    /** @param kernel its release, for instance {@code 6.12.57+deb13-amd64} */
    static boolean mountsCopiesOfBtrfs(String kernel) {
        Matcher version = KERNEL.matcher(kernel);
        if (!version.matches()) {
            return false;
        }
        int major = Integer.parseInt(version.group(1));
        return major > 6 || major == 6 && Integer.parseInt(version.group(2)) >= 7;
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

    /** Returns those options, and what copies need beside. */
    public static String mountOptions(FileSystem fs, String options) {
        return fs != FileSystem.XFS ? options : options.isBlank() ? "nouuid" : options + ",nouuid";
    }
}
