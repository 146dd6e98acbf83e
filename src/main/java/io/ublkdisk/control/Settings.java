package io.ublkdisk.control;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.journal.Journal;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The settings of a disk: the only place of their names, defaults and limits. {@code docs/reference/settings.md} is generated
 * from here.
 */
public final class Settings {
    /** The smallest that the kernel makes a block device of, and room for one page. */
    private static final long MIN_SIZE_BYTES = 4096;

    private static final long MAX_SIZE_BYTES = 1L << 50;
    private static final Pattern NAME_FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

    /** What the disk is called. */
    public static final Setting<String> NAME = Setting.text(
            "name",
            null,
            Settings::checkName,
            "Name of the disk, for commands and messages; without one, the name of its device: `ublkb0`.");

    /** How large it is. */
    public static final Setting<Long> SIZE = Setting.bytes(
                    "size",
                    256L << 20,
                    Settings::checkSize,
                    "Size. It costs memory only for what is written. XFS needs 300MiB, btrfs 114MiB. With `file`, the file's size.")
            .called("size");

    /** The file that keeps the bytes. */
    public static final Setting<Path> FILE =
            Setting.path("file", "file", "File that keeps the bytes; without one, memory does.");

    /** How many queues it has. */
    public static final Setting<Integer> QUEUES = Setting.number(
                    "queues",
                    1,
                    1,
                    4096,
                    "one per processor is plenty",
                    "Hardware queues, each served by a thread of its own.")
            .called("queues");

    /** How many requests each queue has in flight at most. */
    public static final Setting<Integer> DEPTH = Setting.number(
                    "depth", 64, 1, 4096, "64 is usual", "Requests that each queue has in flight at most.")
            .called("queueDepth");

    /** The smallest unit that the kernel reads or writes. */
    public static final Setting<Integer> BLOCK_SIZE = Setting.powerOfTwo(
                    "block-size", 512, 512, 4096, "Logical block: the smallest unit that the kernel reads or writes.")
            .called("logicalBlockSize");

    /** The unit that the disk says it writes at once. */
    public static final Setting<Integer> PHYSICAL_BLOCK_SIZE = Setting.powerOfTwo(
            "physical-block-size",
            4096,
            512,
            1 << 20,
            "Physical block: the unit that the disk says it writes at once.");

    /** The largest request that the kernel sends. */
    public static final Setting<Integer> MAX_IO =
            Setting.powerOfTwo("max-io", 1 << 20, 4096, 32 << 20, "Largest request that the kernel sends.");

    /** Whether the kernel refuses writes. */
    public static final Setting<Boolean> READ_ONLY =
            Setting.flag("read-only", false, "Whether the kernel refuses writes.");

    /** Whether it says that it is a hard disk. */
    public static final Setting<Boolean> ROTATIONAL =
            Setting.flag("rotational", false, "Whether the disk says that it is a hard disk.");

    /** What becomes of it when its server dies. */
    public static final Setting<Recovery> RECOVERY = Setting.word(
                    "recovery",
                    Recovery.NONE,
                    Recovery::named,
                    Recovery::word,
                    "What its requests do when its server dies: `none` (the disk ends), `wait`, `reissue`, `fail-io`.")
            .called("recovery");

    /** Whether it has a volatile write cache. */
    public static final Setting<Boolean> CACHE = Setting.flag(
                    "cache", true, "Whether it has a volatile write cache. `false` is the default with recovery.")
            .called("volatileCache");

    /** How much unflushed data the cache holds. */
    public static final Setting<Long> CACHE_SIZE = Setting.bytes(
                    "cache-size",
                    256L << 20,
                    (key, value) -> require(value >= 0, key, value, " bytes: write 0 or more, for instance 16MiB"),
                    "Unflushed data that the cache holds before it writes the oldest back without being asked.")
            .called("cacheSize");

    /** The filesystem to make on it. */
    public static final Setting<FileSystem> FILE_SYSTEM = Setting.word(
                    "fs",
                    FileSystem.NONE,
                    FileSystem::named,
                    FileSystem::word,
                    "Filesystem to make and to mount: `none`, `ext4`, `xfs`, `btrfs`.")
            .called("mount");

    /** Words for mkfs. */
    public static final Setting<String> MKFS_OPTIONS = Setting.text(
                    "mkfs-options", "", (key, value) -> {}, "Words for mkfs, after our own: `-O ^has_journal`.")
            .called("mkfsOptions");

    /** Whether it is mounted. */
    public static final Setting<Boolean> MOUNT =
            Setting.flag("mount", true, "Whether it is mounted; `false` is the default without a filesystem.");

    /** Where it is mounted. */
    public static final Setting<Path> MOUNT_POINT =
            Setting.path("mount-point", "mount point", "Where it is mounted; without one, the server makes a folder.");

    /** Options for mount. */
    public static final Setting<String> MOUNT_OPTIONS = Setting.text(
                    "mount-options", "", (key, value) -> {}, "Options as `mount -o` takes them: `noatime`.")
            .called("mountOptions");

    /** Rules and steps. */
    public static final Setting<String> SCRIPT = Setting.text(
            "script", "", (key, value) -> {}, "Rules and steps in the fault language, armed once the disk is mounted.");

    /** The seed for everything random. */
    public static final Setting<Long> SEED = Setting.longNumber(
                    "seed", "Seed for everything random about this disk; without one, the server chooses.")
            .called("seed");

    /** How many requests its journal keeps. */
    public static final Setting<Integer> JOURNAL = Setting.number(
            "journal",
            Journal.DEFAULT_REQUESTS,
            0,
            1 << 18,
            "for more there is journal-file",
            "Requests that its journal keeps, the last ones; some hundred bytes each.");

    /** The file that has the whole journal. */
    public static final Setting<Path> JOURNAL_FILE =
            Setting.path("journal-file", "journal file", "File that gets the whole journal too, one entry a line.");

    /** The file that gets all that becomes durable. */
    public static final Setting<Path> LOG_WRITES = Setting.path(
            "log-writes",
            "log of writes",
            "File that gets all that becomes durable, with its data, in the format of dm-log-writes.");

    /** The log that the disk begins with. */
    public static final Setting<Path> REPLAY = Setting.path(
            "replay",
            "log to replay",
            "Log of writes, or replay bundle, that makes the bytes that the disk begins with.");

    /** The mark at which that log ends. */
    public static final Setting<String> REPLAY_TO =
            Setting.text("replay-to", null, (key, value) -> {}, "Mark at which that log ends; without one, all of it.");

    /** All settings, in the order of the documentation. */
    public static final List<Setting<?>> ALL = List.of(
            NAME,
            SIZE,
            FILE,
            QUEUES,
            DEPTH,
            BLOCK_SIZE,
            PHYSICAL_BLOCK_SIZE,
            MAX_IO,
            READ_ONLY,
            ROTATIONAL,
            RECOVERY,
            CACHE,
            CACHE_SIZE,
            FILE_SYSTEM,
            MKFS_OPTIONS,
            MOUNT,
            MOUNT_POINT,
            MOUNT_OPTIONS,
            SCRIPT,
            SEED,
            JOURNAL,
            JOURNAL_FILE,
            LOG_WRITES,
            REPLAY,
            REPLAY_TO);

    static final List<String> KEYS = ALL.stream().<String>map(Setting::key).toList();

    private Settings() {}

    /** Returns the name of a setting in {@code @UblkDisk} and in the builder of the extension. */
    public static String attributeOf(String key) {
        return ALL.stream()
                .filter(setting ->
                        setting.key().equals(key) && !setting.attribute().isEmpty())
                .findFirst()
                .<String>map(Setting::attribute)
                .orElse(key);
    }

    private static void checkName(String key, String name) {
        if (!NAME_FORM.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is not a valid disk name; use letters, digits, '.', '-' and '_', a letter first, 64 at most");
        }
        if (name.startsWith("ublkb")) {
            throw new IllegalArgumentException("name '" + name + "' looks like a device's; choose another");
        }
    }

    private static void checkSize(String key, long size) {
        String value = "size " + size + " bytes";
        if (size <= 0) {
            throw new IllegalArgumentException(value + ": a disk needs more than nothing; write it as 256MiB or 1G");
        }
        if (size < MIN_SIZE_BYTES) {
            throw new IllegalArgumentException(value + " is too small; the smallest disk has " + MIN_SIZE_BYTES);
        }
        if (size > MAX_SIZE_BYTES) {
            throw new IllegalArgumentException(
                    value + " is too large; the largest disk has " + ByteSize.print(MAX_SIZE_BYTES));
        }
    }

    private static void require(boolean right, String key, Object value, String otherwise) {
        if (!right) {
            throw new SettingException(key, value, otherwise);
        }
    }
}
