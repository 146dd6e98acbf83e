package io.ublkdisk.block;

/** A run of sectors: {@code first} to {@code last}, both included, in units of 512 bytes. */
public record Extent(long first, long last) {

    /** Everything that a disk of any size has. */
    public static final Extent ALL = new Extent(0, Long.MAX_VALUE >> Sectors.SHIFT);

    /** @throws IllegalArgumentException if the range is reversed or begins below 0. */
    public Extent {
        if (first < 0) {
            throw new IllegalArgumentException("sectors " + first + ".." + last + ": a disk begins at sector 0");
        }
        if (last < first) {
            throw new IllegalArgumentException(
                    "sectors " + first + ".." + last + ": the range is reversed; write " + last + ".." + first);
        }
    }

    /** Returns so many sectors from the first on. */
    public static Extent ofLength(long first, long count) {
        return new Extent(first, first + count - 1);
    }

    /** Returns how many sectors it has. */
    public long count() {
        return last - first + 1;
    }

    /** Returns whether it has a sector of that range; both ends are included. */
    public boolean overlaps(long otherFirst, long otherLast) {
        return first <= otherLast && otherFirst <= last;
    }
}
