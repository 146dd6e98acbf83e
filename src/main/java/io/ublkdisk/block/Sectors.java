package io.ublkdisk.block;

/** Sector arithmetic. A sector is the kernel's: 512 bytes, whatever the disk's logical block size is. */
public final class Sectors {
    /** The binary logarithm of {@link #BYTES}. */
    public static final int SHIFT = 9;
    /** How many bytes a sector has. */
    public static final int BYTES = 1 << SHIFT;

    private Sectors() {}

    /** Returns how many bytes so many sectors have. */
    public static long toBytes(long sectors) {
        return sectors << SHIFT;
    }

    /** Whole sectors in that many bytes; a rest is cut off. */
    public static long ofBytes(long bytes) {
        return bytes >>> SHIFT;
    }
}
