package io.ublkdisk.block;

/** Sector arithmetic. A sector is the kernel's: 512 bytes, whatever the disk's logical block size is. */
public final class Sectors {
    public static final int SHIFT = 9;
    public static final int BYTES = 1 << SHIFT;

    private Sectors() {}

    public static long toBytes(long sectors) {
        return sectors << SHIFT;
    }

    /** Whole sectors in that many bytes; a rest is cut off. */
    public static long ofBytes(long bytes) {
        return bytes >>> SHIFT;
    }
}
