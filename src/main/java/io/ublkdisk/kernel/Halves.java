package io.ublkdisk.kernel;

import java.nio.ByteOrder;

/** Two 32-bit fields of a kernel struct that were read together, as one word of 64 bits. */
final class Halves {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private Halves() {}

    /** Returns the one at the lower address. */
    static int first(long word) {
        return (int) (LITTLE_ENDIAN ? word : word >>> Integer.SIZE);
    }

    /** Returns the one behind it. */
    static int second(long word) {
        return (int) (LITTLE_ENDIAN ? word >>> Integer.SIZE : word);
    }
}
