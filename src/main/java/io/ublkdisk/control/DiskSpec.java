package io.ublkdisk.control;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.journal.Journal;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a disk shall be. Immutable, and right in itself: one that cannot be is refused when it is built, with the value and
 * the remedy. Everything has a default but the size, which a {@linkplain Builder#file file} may give instead.
 */
public final class DiskSpec {
    /** How large a disk is unless it is said otherwise. */
    public static final long DEFAULT_SIZE_BYTES = 256L << 20;

    /** How much unflushed data the cache holds unless it is said otherwise. */
    public static final long DEFAULT_CACHE_SIZE_BYTES = 256L << 20;

    /** The smallest that the kernel makes a block device of, and room for one page. */
    private static final long MIN_SIZE_BYTES = 4096;

    private static final long MAX_SIZE_BYTES = 1L << 50;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");
    private static final Set<String> KEYS = Set.of(
            "name",
            "size",
            "file",
            "queues",
            "depth",
            "block-size",
            "physical-block-size",
            "max-io",
            "read-only",
            "rotational",
            "recovery",
            "cache",
            "cache-size",
            "fs",
            "mkfs-options",
            "mount",
            "mount-point",
            "mount-options",
            "script",
            "seed",
            "journal",
            "journal-file",
            "log-writes",
            "replay",
            "replay-to");

    private final KeyValues fields;

    private DiskSpec(KeyValues fields) {
        this.fields = fields;
        check();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder(new KeyValues());
    }

    /** Returns the inverse of {@link #line}. */
    public static DiskSpec parse(KeyValues fields) throws ProtocolException {
        return new DiskSpec(fields.only(KEYS));
    }

    /** How the protocol writes it. */
    public String line() {
        return fields.line();
    }

    /** Returns a builder that begins with this one's values. */
    public Builder toBuilder() {
        return new Builder(new KeyValues(fields));
    }

    /** Returns what the disk is called; empty: as its device, for instance {@code ublkb0}. */
    public Optional<String> name() {
        return fields.text("name");
    }

    /** Empty: as long as {@link #file()} is. */
    public OptionalLong sizeBytes() {
        long size = fields.number("size", -1);
        return fields.text("size").isPresent()
                ? OptionalLong.of(size)
                : file().isPresent() ? OptionalLong.empty() : OptionalLong.of(DEFAULT_SIZE_BYTES);
    }

    /** Returns the file that keeps the bytes; empty: memory does. */
    public Optional<Path> file() {
        return fields.text("file").map(Path::of);
    }

    /** Returns how many queues it has. */
    public int queues() {
        return intValue("queues", 1);
    }

    /** Requests in flight for each queue. */
    public int queueDepth() {
        return intValue("depth", 64);
    }

    /** Returns the smallest unit that the kernel reads or writes. */
    public int logicalBlockSizeBytes() {
        return intValue("block-size", 512);
    }

    /** Returns the unit that the disk says it writes at once. */
    public int physicalBlockSizeBytes() {
        return intValue("physical-block-size", 4096);
    }

    /** Returns the largest request that the kernel sends. */
    public int maxIoBytes() {
        return intValue("max-io", 1 << 20);
    }

    /** Returns whether the kernel refuses writes. */
    public boolean readOnly() {
        return fields.flag("read-only", false);
    }

    /** Returns whether it says that it is a hard disk. */
    public boolean rotational() {
        return fields.flag("rotational", false);
    }

    /** Returns what becomes of the disk when its server dies. One that can be recovered keeps its bytes in a file. */
    public Recovery recovery() {
        return fields.text("recovery").map(Recovery::named).orElse(Recovery.NONE);
    }

    /**
     * Returns whether the disk has a volatile write cache, and so is sent FLUSH and FUA. It dies with the server, so a disk
     * that can be recovered has none unless it is asked for.
     */
    public boolean volatileCache() {
        return fields.flag("cache", recovery() == Recovery.NONE);
    }

    /** Returns how many bytes of unflushed data the volatile cache holds before it writes the oldest back unasked. */
    public long cacheSizeBytes() {
        return fields.number("cache-size", DEFAULT_CACHE_SIZE_BYTES);
    }

    /** Returns the filesystem to make on it. */
    public FileSystem fileSystem() {
        return fields.text("fs").map(FileSystem::named).orElse(FileSystem.NONE);
    }

    /** Words for its mkfs, after our own. */
    public String mkfsOptions() {
        return fields.text("mkfs-options").orElse("");
    }

    /** Returns whether it shall be mounted, which what is formatted is unless it was told not to be. */
    public boolean mounted() {
        return fields.flag("mount", fileSystem() != FileSystem.NONE);
    }

    /** Empty: the server makes one, and takes it away afterwards. */
    public Optional<Path> mountPoint() {
        return fields.text("mount-point").map(Path::of);
    }

    /** As {@code mount -o} takes them. */
    public String mountOptions() {
        return fields.text("mount-options").orElse("");
    }

    /** Rules, in force from the moment that the disk is there: formatted and mounted without them. */
    public String script() {
        return fields.text("script").orElse("");
    }

    /** Returns what all chance of this disk comes from; empty: the server chooses. */
    public OptionalLong seed() {
        return fields.text("seed").isPresent() ? OptionalLong.of(fields.number("seed", 0)) : OptionalLong.empty();
    }

    /** Returns how many of its last requests the disk keeps in its journal; 0 for none. Faults and marks are kept apart. */
    public int journalRequests() {
        return intValue("journal", Journal.DEFAULT_REQUESTS);
    }

    /** Returns the file that everything journaled is written to as well; empty for none. */
    public Optional<Path> journalFile() {
        return fields.text("journal-file").map(Path::of);
    }

    /** Returns the file that gets all that becomes durable, with its data, as a log of dm-log-writes; empty for none. */
    public Optional<Path> logWrites() {
        return fields.text("log-writes").map(Path::of);
    }

    /** Returns the log that makes the bytes that the disk begins with; empty: zeroes, or a fresh filesystem. */
    public Optional<Path> replay() {
        return fields.text("replay").map(Path::of);
    }

    /** Returns the mark at which that log ends; empty: all of it. */
    public Optional<String> replayTo() {
        return fields.text("replay-to");
    }

    @Override
    public String toString() {
        return fields.toString();
    }

    private int intValue(String key, int otherwise) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, fields.number(key, otherwise)));
    }

    private void check() {
        name().ifPresent(DiskSpec::checkName);
        between("queues", queues(), 1, 4096, "one per processor is plenty");
        between("depth", queueDepth(), 1, 4096, "64 is usual");
        powerOfTwo("block-size", logicalBlockSizeBytes(), 512, 4096);
        powerOfTwo("physical-block-size", physicalBlockSizeBytes(), 512, 1 << 20);
        require(
                physicalBlockSizeBytes() >= logicalBlockSizeBytes(),
                "physical-block-size " + physicalBlockSizeBytes() + " is smaller than block-size "
                        + logicalBlockSizeBytes() + "; make it as large or larger");
        powerOfTwo("max-io", maxIoBytes(), 4096, 32 << 20);
        require(cacheSizeBytes() >= 0, "cache-size", cacheSizeBytes(), " bytes: write 0 or more, for instance 16MiB");
        require(
                volatileCache() || cacheSizeBytes() == DEFAULT_CACHE_SIZE_BYTES,
                "cache-size",
                cacheSizeBytes(),
                " bytes, but the disk has no volatile cache; leave out one of the two");
        sizeBytes().ifPresent(this::checkSize);
        seed();
        require(
                recovery() == Recovery.NONE || replay().isEmpty(),
                "a disk that is replayed has its bytes in memory, and cannot be recovered; leave out one of the two");
        between("journal", journalRequests(), 0, 1 << 18, "for more there is journal-file");
        boolean formatted = fileSystem() != FileSystem.NONE;
        require(
                !(readOnly() && formatted),
                "a read-only disk cannot be formatted with " + fileSystem().word()
                        + "; leave out read-only and mount with the option ro");
        require(
                formatted || fields.text("mkfs-options").isEmpty(),
                "mkfs options '" + mkfsOptions() + "' but no filesystem; say which one");
        absolute("mount point", mountPoint());
        absolute("file", file());
        absolute("journal file", journalFile());
        absolute("log of writes", logWrites());
        absolute("log to replay", replay());
        require(
                replay().isEmpty() || file().isEmpty(),
                "a log to replay, and a file: a disk begins with one of them; leave one out");
        require(replayTo().isEmpty() || replay().isPresent(), "a mark to replay to, and no log; say which log has it");
        require(
                journalFile().isEmpty() || journalRequests() > 0,
                "a journal file, but journal 0 keeps no requests for it; leave journal out, or the file");
    }

    private void checkSize(long size) {
        String value = "size " + size + " bytes";
        require(size > 0, value + ": a disk needs more than nothing; write it as 256MiB or 1G");
        require(size >= MIN_SIZE_BYTES, value + " is too small; the smallest disk has " + MIN_SIZE_BYTES);
        require(
                size <= MAX_SIZE_BYTES,
                value + " is too large; the largest disk has " + ByteSize.print(MAX_SIZE_BYTES));
        long block = logicalBlockSizeBytes();
        require(
                size % block == 0,
                value + " is no multiple of the block size " + block + "; the nearest below is "
                        + size / block * block);
        FileSystem fs = fileSystem();
        require(
                size >= fs.minSizeBytes(),
                value + " (" + ByteSize.print(size) + ") is too small for " + fs.word() + ", which needs "
                        + ByteSize.print(fs.minSizeBytes()) + "; make it larger, the disk takes memory only for what is"
                        + " written, or choose ext4");
    }

    private static void absolute(String what, Optional<Path> path) {
        path.ifPresent(
                p -> require(p.isAbsolute(), what + " '" + p + "' is relative; give the path from the root folder"));
    }

    private static void checkName(String name) {
        require(
                NAME.matcher(name).matches(),
                "name '" + name + "' is none; use letters, digits, '.', '-' and '_', a letter first, 64 at most");
        require(!name.startsWith("ublkb"), "name '" + name + "' looks like a device's; choose another");
    }

    private static void between(String what, int value, int min, int max, String remedy) {
        require(value >= min && value <= max, what, value, " is not within " + min + ".." + max + "; " + remedy);
    }

    private static void powerOfTwo(String what, int value, int min, int max) {
        require(
                value >= min && value <= max && Integer.bitCount(value) == 1,
                what,
                value,
                " is not a power of two within " + min + ".." + max);
    }

    private static void require(boolean right, String key, Object value, String otherwise) {
        if (!right) {
            throw new SettingException(key, value, otherwise);
        }
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Collects; {@link #build} judges. */
    public static final class Builder {
        private final KeyValues fields;

        private Builder(KeyValues fields) {
            this.fields = fields;
        }

        /** Sets what the disk is called. */
        public Builder name(String name) {
            return put("name", name);
        }

        /** Sets how large it is. */
        public Builder sizeBytes(long bytes) {
            return put("size", bytes);
        }

        /** As {@link ByteSize} reads it. */
        public Builder size(String text) {
            return put("size", ByteSize.parse(text));
        }

        /** Sets the file that keeps the bytes; without one, memory does. */
        public Builder file(Path file) {
            return put("file", file);
        }

        /** Sets how many queues it has. */
        public Builder queues(int queues) {
            return put("queues", queues);
        }

        /** Sets how many requests each queue has in flight at most. */
        public Builder queueDepth(int depth) {
            return put("depth", depth);
        }

        /** Sets the smallest unit that the kernel reads or writes: 512, 1024, 2048 or 4096. */
        public Builder logicalBlockSizeBytes(int bytes) {
            return put("block-size", bytes);
        }

        /** Sets the unit that the disk says it writes at once. */
        public Builder physicalBlockSizeBytes(int bytes) {
            return put("physical-block-size", bytes);
        }

        /** Sets the largest request that the kernel sends. */
        public Builder maxIoBytes(int bytes) {
            return put("max-io", bytes);
        }

        /** Sets whether the kernel refuses writes. */
        public Builder readOnly(boolean readOnly) {
            return put("read-only", readOnly);
        }

        /** Sets whether it says that it is a hard disk. */
        public Builder rotational(boolean rotational) {
            return put("rotational", rotational);
        }

        /** Sets what becomes of the disk when its server dies. */
        public Builder recovery(Recovery recovery) {
            return put("recovery", recovery.word());
        }

        /** Sets whether it has a volatile write cache. */
        public Builder volatileCache(boolean cache) {
            return put("cache", cache);
        }

        /**
         * Returns how many bytes of unflushed data the volatile cache holds, counted in pages of 4 KiB, before it writes the
         * oldest back unasked, as drives do; 256 MiB by default, 0 for none that stays.
         */
        public Builder cacheSizeBytes(long bytes) {
            return put("cache-size", bytes);
        }

        /** Sets the filesystem to make on it. */
        public Builder fileSystem(FileSystem fileSystem) {
            return put("fs", fileSystem.word());
        }

        /** Sets words for mkfs, after our own. */
        public Builder mkfsOptions(String options) {
            return put("mkfs-options", options);
        }

        /** Sets whether it is mounted. */
        public Builder mounted(boolean mounted) {
            return put("mount", mounted);
        }

        /** Sets where it is mounted; without one, the server makes a folder. */
        public Builder mountPoint(Path mountPoint) {
            return put("mount-point", mountPoint);
        }

        /** Sets options as {@code mount -o} takes them. */
        public Builder mountOptions(String options) {
            return put("mount-options", options);
        }

        /** Sets the rules and timelines, as text of the fault language. */
        public Builder script(String script) {
            return put("script", script);
        }

        /** Sets the seed for everything random about this disk. */
        public Builder seed(long seed) {
            return put("seed", seed);
        }

        /** Returns how many of its last requests its journal keeps, 0 to 262,144; some hundred bytes each. 8,192 by default. */
        public Builder journalRequests(int requests) {
            return put("journal", requests);
        }

        /**
         * Returns a file that everything journaled is written to as well, one entry a line, begun anew. When it cannot be
         * written any more, the disk goes on without.
         */
        public Builder journalFile(Path file) {
            return put("journal-file", file);
        }

        /**
         * Returns a file that gets all that becomes durable on the disk, with its data, in the format of dm-log-writes, begun
         * anew. When it cannot be written any more, the disk goes on without.
         */
        public Builder logWrites(Path file) {
            return put("log-writes", file);
        }

        /**
         * The disk begins with the bytes that this log makes of zeroes: one of dm-log-writes, or whatever else {@link ReplaySource}
         * opens. It is not formatted.
         *
         * @param mark the last entry of the log that counts; null for all of it
         */
        public Builder replay(Path file, String mark) {
            return put("replay", file).put("replay-to", mark);
        }

        /** @throws IllegalArgumentException naming the value that cannot be, and what could */
        public DiskSpec build() {
            return new DiskSpec(new KeyValues(fields));
        }

        private Builder put(String key, Object value) {
            fields.put(key, value);
            return this;
        }
    }
}
