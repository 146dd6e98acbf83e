package io.ublkdisk.control;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a disk shall be. Immutable, and right in itself: one that cannot be is refused when it is built, with the value and
 * the remedy. Everything has a default but the size, which a {@linkplain Builder#file file} may give instead.
 */
public final class DiskSpec {
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
        return new DiskSpec(fields.only(Settings.KEYS));
    }

    /** Returns it as the protocol writes it. */
    KeyValues fields() {
        return new KeyValues(fields);
    }

    /** Returns it as the protocol writes it, as a line. */
    public String line() {
        return fields.line();
    }

    /** Returns a builder that begins with this one's values. */
    public Builder toBuilder() {
        return new Builder(new KeyValues(fields));
    }

    /** Returns what the disk is called; empty: as its device, for instance {@code ublkb0}. */
    public Optional<String> name() {
        return Settings.NAME.in(fields);
    }

    /** Empty: as long as {@link #file()} is. */
    public OptionalLong sizeBytes() {
        return Settings.SIZE.in(fields).isEmpty() && file().isPresent()
                ? OptionalLong.empty()
                : OptionalLong.of(Settings.SIZE.valueIn(fields));
    }

    /** Returns the file that keeps the bytes; empty: memory does. */
    public Optional<Path> file() {
        return Settings.FILE.in(fields);
    }

    /** Returns how many queues it has. */
    public int queues() {
        return Settings.QUEUES.valueIn(fields);
    }

    /** Requests in flight for each queue. */
    public int queueDepth() {
        return Settings.DEPTH.valueIn(fields);
    }

    /** Returns the smallest unit that the kernel reads or writes. */
    public int logicalBlockSizeBytes() {
        return Settings.BLOCK_SIZE.valueIn(fields);
    }

    /** Returns the unit that the disk says it writes at once. */
    public int physicalBlockSizeBytes() {
        return Settings.PHYSICAL_BLOCK_SIZE.valueIn(fields);
    }

    /** Returns the largest request that the kernel sends. */
    public int maxIoBytes() {
        return Settings.MAX_IO.valueIn(fields);
    }

    /** Returns whether the kernel refuses writes. */
    public boolean readOnly() {
        return Settings.READ_ONLY.valueIn(fields);
    }

    /** Returns whether it says that it is a hard disk. */
    public boolean rotational() {
        return Settings.ROTATIONAL.valueIn(fields);
    }

    /** Returns what becomes of the disk when its server dies. One that can be recovered keeps its bytes in a file. */
    public Recovery recovery() {
        return Settings.RECOVERY.valueIn(fields);
    }

    /**
     * Returns whether the disk has a volatile write cache, and so is sent FLUSH and FUA. It dies with the server, so a disk
     * that can be recovered has none unless it is asked for.
     */
    public boolean volatileCache() {
        return Settings.CACHE.in(fields).orElse(recovery() == Recovery.NONE);
    }

    /** Returns how many bytes of unflushed data the volatile cache holds before it writes the oldest back unasked. */
    public long cacheSizeBytes() {
        return Settings.CACHE_SIZE.valueIn(fields);
    }

    /** Returns the filesystem to make on it. */
    public FileSystem fileSystem() {
        return Settings.FILE_SYSTEM.valueIn(fields);
    }

    /** Words for its mkfs, after our own. */
    public String mkfsOptions() {
        return Settings.MKFS_OPTIONS.valueIn(fields);
    }

    /** Returns whether it shall be mounted, which what is formatted is unless it was told not to be. */
    public boolean mounted() {
        return Settings.MOUNT.in(fields).orElse(fileSystem() != FileSystem.NONE);
    }

    /** Empty: the server makes one, and takes it away afterwards. */
    public Optional<Path> mountPoint() {
        return Settings.MOUNT_POINT.in(fields);
    }

    /** Returns options as {@code mount -o} takes them. */
    public String mountOptions() {
        return Settings.MOUNT_OPTIONS.valueIn(fields);
    }

    /** Rules, in force from the moment that the disk is there: formatted and mounted without them. */
    public String script() {
        return Settings.SCRIPT.valueIn(fields);
    }

    /** Returns what all chance of this disk comes from; empty: the server chooses. */
    public OptionalLong seed() {
        return Settings.SEED.in(fields).map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    /** Returns how many of its last requests the disk keeps in its journal; 0 for none. Faults and marks are kept apart. */
    public int journalRequests() {
        return Settings.JOURNAL.valueIn(fields);
    }

    /** Returns the file that everything journaled is written to as well; empty for none. */
    public Optional<Path> journalFile() {
        return Settings.JOURNAL_FILE.in(fields);
    }

    /** Returns the file that gets all that becomes durable, with its data, as a log of dm-log-writes; empty for none. */
    public Optional<Path> logWrites() {
        return Settings.LOG_WRITES.in(fields);
    }

    /** Returns the log that makes the bytes that the disk begins with; empty: zeroes, or a fresh filesystem. */
    public Optional<Path> replay() {
        return Settings.REPLAY.in(fields);
    }

    /** Returns the mark at which that log ends; empty: all of it. */
    public Optional<String> replayTo() {
        return Settings.REPLAY_TO.in(fields);
    }

    @Override
    public String toString() {
        return fields.toString();
    }

    private void check() {
        Settings.ALL.forEach(setting -> setting.checkIn(fields));
        require(
                physicalBlockSizeBytes() >= logicalBlockSizeBytes(),
                "physical-block-size " + physicalBlockSizeBytes() + " is smaller than block-size "
                        + logicalBlockSizeBytes() + "; make it as large or larger");
        sizeBytes().ifPresent(this::checkSize);
        require(
                volatileCache() || cacheSizeBytes() == Settings.CACHE_SIZE.standard(),
                Settings.CACHE_SIZE,
                cacheSizeBytes(),
                " bytes, but the disk has no volatile cache; leave out one of the two");
        require(
                recovery() == Recovery.NONE || replay().isEmpty(),
                "a disk that is replayed has its bytes in memory, and cannot be recovered; leave out one of the two");
        boolean formatted = fileSystem() != FileSystem.NONE;
        require(
                !(readOnly() && formatted),
                "a read-only disk cannot be formatted with " + fileSystem().word()
                        + "; leave out read-only and mount with the option ro");
        require(
                formatted || Settings.MKFS_OPTIONS.in(fields).isEmpty(),
                "mkfs options '" + mkfsOptions() + "' but no filesystem; say which one");
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

    private static void require(boolean right, Setting<?> setting, Object value, String otherwise) {
        if (!right) {
            throw new SettingException(setting.key(), value, otherwise);
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
            return set(Settings.NAME, name);
        }

        /** Sets how large it is. */
        public Builder sizeBytes(long bytes) {
            return set(Settings.SIZE, bytes);
        }

        /** Sets how large it is, as {@link ByteSize} reads it. */
        public Builder size(String text) {
            return set(Settings.SIZE, ByteSize.parse(text));
        }

        /** Sets the file that keeps the bytes; without one, memory does. */
        public Builder file(Path file) {
            return set(Settings.FILE, file);
        }

        /** Sets how many queues it has. */
        public Builder queues(int queues) {
            return set(Settings.QUEUES, queues);
        }

        /** Sets how many requests each queue has in flight at most. */
        public Builder queueDepth(int depth) {
            return set(Settings.DEPTH, depth);
        }

        /** Sets the smallest unit that the kernel reads or writes: 512, 1024, 2048 or 4096. */
        public Builder logicalBlockSizeBytes(int bytes) {
            return set(Settings.BLOCK_SIZE, bytes);
        }

        /** Sets the unit that the disk says it writes at once. */
        public Builder physicalBlockSizeBytes(int bytes) {
            return set(Settings.PHYSICAL_BLOCK_SIZE, bytes);
        }

        /** Sets the largest request that the kernel sends. */
        public Builder maxIoBytes(int bytes) {
            return set(Settings.MAX_IO, bytes);
        }

        /** Sets whether the kernel refuses writes. */
        public Builder readOnly(boolean readOnly) {
            return set(Settings.READ_ONLY, readOnly);
        }

        /** Sets whether it says that it is a hard disk. */
        public Builder rotational(boolean rotational) {
            return set(Settings.ROTATIONAL, rotational);
        }

        /** Sets what becomes of the disk when its server dies. */
        public Builder recovery(Recovery recovery) {
            return set(Settings.RECOVERY, recovery);
        }

        /** Sets whether it has a volatile write cache. */
        public Builder volatileCache(boolean cache) {
            return set(Settings.CACHE, cache);
        }

        /**
         * Sets how many bytes of unflushed data the volatile cache holds, counted in pages of 4 KiB, before it writes the
         * oldest back unasked, as drives do; 256 MiB by default, 0 for none that stays.
         */
        public Builder cacheSizeBytes(long bytes) {
            return set(Settings.CACHE_SIZE, bytes);
        }

        /** Sets the filesystem to make on it. */
        public Builder fileSystem(FileSystem fileSystem) {
            return set(Settings.FILE_SYSTEM, fileSystem);
        }

        /** Sets words for mkfs, after our own. */
        public Builder mkfsOptions(String options) {
            return set(Settings.MKFS_OPTIONS, options);
        }

        /** Sets whether it is mounted. */
        public Builder mounted(boolean mounted) {
            return set(Settings.MOUNT, mounted);
        }

        /** Sets where it is mounted; without one, the server makes a folder. */
        public Builder mountPoint(Path mountPoint) {
            return set(Settings.MOUNT_POINT, mountPoint);
        }

        /** Sets options as {@code mount -o} takes them. */
        public Builder mountOptions(String options) {
            return set(Settings.MOUNT_OPTIONS, options);
        }

        /** Sets the rules and timelines, as text of the fault language. */
        public Builder script(String script) {
            return set(Settings.SCRIPT, script);
        }

        /** Sets the seed for everything random about this disk. */
        public Builder seed(long seed) {
            return set(Settings.SEED, seed);
        }

        /** Sets how many of its last requests its journal keeps, 0 to 262,144; some hundred bytes each. 8,192 by default. */
        public Builder journalRequests(int requests) {
            return set(Settings.JOURNAL, requests);
        }

        /**
         * Sets a file that everything journaled is written to as well, one entry a line, begun anew. When it cannot be
         * written any more, the disk goes on without.
         */
        public Builder journalFile(Path file) {
            return set(Settings.JOURNAL_FILE, file);
        }

        /**
         * Sets a file that gets all that becomes durable on the disk, with its data, in the format of dm-log-writes, begun
         * anew. When it cannot be written any more, the disk goes on without.
         */
        public Builder logWrites(Path file) {
            return set(Settings.LOG_WRITES, file);
        }

        /**
         * Sets the log of writes whose bytes the disk begins with: a log of dm-log-writes, or another that {@link ReplaySource}
         * opens. The disk is not formatted.
         *
         * @param mark the last entry of the log that counts; null for all of it
         */
        public Builder replay(Path file, String mark) {
            return set(Settings.REPLAY, file).set(Settings.REPLAY_TO, mark);
        }

        /** @throws IllegalArgumentException naming the value that cannot be, and what could */
        public DiskSpec build() {
            return new DiskSpec(new KeyValues(fields));
        }

        /** Sets any setting; null for its default. */
        public <T> Builder set(Setting<T> setting, T value) {
            setting.put(fields, value);
            return this;
        }
    }
}
