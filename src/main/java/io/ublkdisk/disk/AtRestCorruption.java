package io.ublkdisk.disk;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.Seed;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.media.ByteChanges;
import io.ublkdisk.media.CorruptionPattern;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Damages bytes at rest, without a request, as bit rot does: on the media, and in the cache where they are not flushed yet. The
 * damage is durable: neither a FLUSH nor a power cut repairs it. A write of the sector does, and {@link Drive#rewind}.
 */
public final class AtRestCorruption {
    private static final int CHUNK_BYTES = 256 << 10;

    private final WriteCache cache;
    private final long sizeBytes;

    public AtRestCorruption(Drive drive) {
        this.cache = drive.cache();
        this.sizeBytes = drive.sizeBytes();
    }

    /**
     * Damages a range of bytes.
     *
     * @param seed which bits, which noise
     * @return which bytes changed, in words
     * @throws IllegalArgumentException if the range is not on the disk
     */
    public String damage(long offsetBytes, long lengthBytes, CorruptionPattern pattern, long seed) {
        if (offsetBytes < 0 || lengthBytes < 1 || offsetBytes > sizeBytes - lengthBytes) {
            throw new IllegalArgumentException("bytes " + offsetBytes + " to " + (offsetBytes + lengthBytes - 1)
                    + " are not all on the disk, whose last is " + (sizeBytes - 1)
                    + "; choose an offset from 0 and a length from 1 that are");
        }
        long end = offsetBytes + lengthBytes;
        ByteBuffer data = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteChanges changes = new ByteChanges(data);
        long last = (end - 1) >> Sectors.SHIFT;
        for (long first = offsetBytes >> Sectors.SHIFT; first <= last; first += CHUNK_BYTES >> Sectors.SHIFT) {
            long from = first;
            int count = (int) Math.min(CHUNK_BYTES >> Sectors.SHIFT, last - first + 1);
            cache.alter(from, count, data, () -> {
                for (int n = 0; n < count; n++) {
                    long start = Sectors.toBytes(from + n);
                    int at = n << Sectors.SHIFT;
                    changes.before(at);
                    pattern.inflict(
                            data,
                            at + (int) Math.max(0, offsetBytes - start),
                            at + (int) Math.min(Sectors.BYTES, end - start),
                            Seed.combine(Seed.combine(seed, "damage"), from + n));
                    changes.after(at, from + n);
                }
            });
        }
        return changes.isNone() ? "0 bytes in all: they were that already" : changes.toString();
    }
}
