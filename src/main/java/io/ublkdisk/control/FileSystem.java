package io.ublkdisk.control;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a disk is formatted with when it is created. */
public enum FileSystem {
    /** Nothing: a raw block device. */
    NONE(0, ""),
    /** ext4, the usual one. */
    EXT4(2L << 20, "e2fsprogs"),
    /** XFS. */
    XFS(300L << 20, "xfsprogs"),
    /** btrfs, with checksums of its data. */
    BTRFS(114L << 20, "btrfs-progs");

    private final long minSizeBytes;
    private final String packageName;

    FileSystem(long minSizeBytes, String packageName) {
        this.minSizeBytes = minSizeBytes;
        this.packageName = packageName;
    }

    /** Returns the name that mount(2) knows, for instance {@code ext4}; {@code none} for {@link #NONE}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the smallest disk that its mkfs agrees to format. */
    public long minSizeBytes() {
        return minSizeBytes;
    }

    /** Returns the program that makes it, for instance {@code mkfs.ext4}. */
    public String makeProgram() {
        return "mkfs." + word();
    }

    /** Returns the Debian package that has {@link #makeProgram()}. */
    public String packageName() {
        return packageName;
    }

    /** @throws IllegalArgumentException for an unknown name, with the known names */
    public static FileSystem named(String word) {
        return Arrays.stream(values())
                .filter(f -> f.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown filesystem '" + word + "'; known are "
                        + Arrays.stream(values()).map(FileSystem::word).collect(Collectors.joining(", "))));
    }
}
