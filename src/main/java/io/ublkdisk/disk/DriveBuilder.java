package io.ublkdisk.disk;

import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.fault.Rules;
import io.ublkdisk.media.BaseFile;
import io.ublkdisk.media.CowMedia;
import io.ublkdisk.media.PagePool;
import java.util.function.LongSupplier;

/** Says what drive it is to be; from {@link Drive#builder}. What is not said has the default that is named there. */
public final class DriveBuilder {
    static final int SMALLEST_BLOCK_BYTES = Sectors.BYTES;
    static final int LARGEST_BLOCK_BYTES = PagePool.PAGE_BYTES;

    private long sizeBytes;
    private int logicalBlockSize = Sectors.BYTES;
    private boolean volatileCache = true;
    private long cacheBytes = 256L << 20;
    private long seed;
    private PagePool pool;
    private Snapshot from;
    private BaseFile file;
    private LongSupplier clock = Clock::nanos;

    DriveBuilder() {}

    /** Sets how large it is: a multiple of the logical block size. Needed, unless it is made from a snapshot. */
    public DriveBuilder sizeBytes(long bytes) {
        this.sizeBytes = bytes;
        return this;
    }

    /** Sets the unit of every request: 512 (the default), 1024, 2048 or 4096 bytes. */
    public DriveBuilder logicalBlockSize(int bytes) {
        this.logicalBlockSize = bytes;
        return this;
    }

    /** Sets whether writes need a FLUSH or FUA to be durable, as by default; else they are durable when acknowledged. */
    public DriveBuilder volatileCache(boolean wanted) {
        this.volatileCache = wanted;
        return this;
    }

    /**
     * Sets how much unflushed data the volatile cache holds before it writes the oldest back unasked; 256 MiB by default.
     */
    public DriveBuilder cacheBytes(long bytes) {
        this.cacheBytes = bytes;
        return this;
    }

    /** Sets the root of all that is random in the rules; 0 by default. */
    public DriveBuilder seed(long root) {
        this.seed = root;
        return this;
    }

    /** Sets where the memory comes from: drives of one pool can be forks of each other. A pool of its own by default. */
    public DriveBuilder pool(PagePool shared) {
        this.pool = shared;
        return this;
    }

    /** Begins with the bytes of that snapshot, its size and its pool, instead of zeroes. The snapshot stays as it is. */
    public DriveBuilder from(Snapshot snapshot) {
        this.from = snapshot;
        return this;
    }

    /**
     * Sets the file that the drive stands on: it has the file's bytes and size, and keeps there what is durable. So when this
     * process dies, the file is what a power cut would have left. While a snapshot, fork or crash image of the drive is
     * open, the file stays as it is; the next FLUSH after that brings it up to date. The drive closes the file.
     */
    public DriveBuilder from(BaseFile content) {
        this.file = content;
        return this;
    }

    /** Sets what the time is, in nanoseconds. For tests. */
    DriveBuilder clock(LongSupplier nanos) {
        this.clock = nanos;
        return this;
    }

    LongSupplier clock() {
        return clock;
    }

    /** @throws IllegalArgumentException if it cannot be such a drive */
    public Drive build() {
        long origin = from != null ? from.sizeBytes() : file != null ? file.sizeBytes() : 0;
        long size = sizeBytes == 0 ? origin : sizeBytes;
        if (logicalBlockSize < SMALLEST_BLOCK_BYTES
                || logicalBlockSize > LARGEST_BLOCK_BYTES
                || Integer.bitCount(logicalBlockSize) != 1) {
            throw new IllegalArgumentException(
                    "logical block size " + logicalBlockSize + ": write 512, 1024, 2048 or 4096 bytes");
        }
        if (size <= 0 || size % logicalBlockSize != 0) {
            throw new IllegalArgumentException("size " + size
                    + " bytes: write a positive multiple of the logical block size, " + logicalBlockSize + " bytes");
        }
        if (cacheBytes < 0) {
            throw new IllegalArgumentException("cache of " + cacheBytes + " bytes: write 0 or more");
        }
        if (from != null && file != null) {
            throw new IllegalArgumentException(
                    "a drive begins with a snapshot or with a file, not both; leave one out");
        }
        if (origin != 0 && size != origin) {
            throw new IllegalArgumentException("size " + size + " bytes: the " + (from != null ? "snapshot" : "file")
                    + " has " + origin + "; leave the size out, or write that size");
        }
        return new Drive(media(size), this, file, new Rules(seed, clock));
    }

    private CowMedia media(long size) {
        if (from != null) {
            return from.fork();
        }
        PagePool pages = pool == null ? new PagePool() : pool;
        return file != null ? new CowMedia(pages, file) : new CowMedia(pages, size);
    }

    /** Returns another drive like it, with those bytes, no file and no rules. Takes over the media. */
    Drive build(CowMedia media) {
        return new Drive(media, this, null, new Rules(seed, clock));
    }

    /** Because this object may be changed after a drive has been made from it. */
    DriveBuilder copy() {
        DriveBuilder copy = new DriveBuilder();
        copy.sizeBytes = sizeBytes;
        copy.logicalBlockSize = logicalBlockSize;
        copy.volatileCache = volatileCache;
        copy.cacheBytes = cacheBytes;
        copy.seed = seed;
        copy.clock = clock;
        return copy;
    }

    int logicalBlockSize() {
        return logicalBlockSize;
    }

    int blockSectors() {
        return (int) Sectors.ofBytes(logicalBlockSize);
    }

    boolean volatileCache() {
        return volatileCache;
    }

    long cacheBytes() {
        return cacheBytes;
    }
}
