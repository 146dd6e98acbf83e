package io.ublkdisk.media;

import io.ublkdisk.block.Sectors;
import java.nio.ByteBuffer;

/**
 * Which bytes of some sectors are others than before, in words: {@code sector 8 byte 17: 0x41 -> 0x61; 1 byte in all}. Only the
 * first few are told one by one.
 */
public final class ByteChanges {
    private static final int MOST_TOLD = 8;

    private final ByteBuffer data;
    private final byte[] before = new byte[Sectors.BYTES];
    private final StringBuilder text = new StringBuilder();
    private long count;

    public ByteChanges(ByteBuffer data) {
        this.data = data;
    }

    /** Remembers the sector there, which is about to be changed. */
    public void before(int offsetBytes) {
        data.get(offsetBytes, before);
    }

    /** Notes what has changed in the sector there. */
    public void after(int offsetBytes, long sector) {
        boolean named = false;
        for (int i = 0; i < Sectors.BYTES; i++) {
            byte now = data.get(offsetBytes + i);
            if (now != before[i] && ++count <= MOST_TOLD) {
                text.append(named ? ", " : (text.length() == 0 ? "" : "; ") + "sector " + sector + " byte ")
                        .append(String.format("%d: 0x%02x -> 0x%02x", i, before[i], now));
                named = true;
            }
        }
    }

    public boolean isNone() {
        return count == 0;
    }

    /** Empty if all bytes are what they were. */
    @Override
    public String toString() {
        return count == 0 ? "" : text + "; " + count + (count == 1 ? " byte" : " bytes") + " in all";
    }
}
