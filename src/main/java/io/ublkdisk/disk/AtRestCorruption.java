package io.ublkdisk.disk;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.Seed;
import io.ublkdisk.media.CorruptionPattern;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Damages bytes where they lie, without a request: on the media, and in the cache where they are not flushed yet. What is damaged
 * is durable, so neither a FLUSH nor a power cut heals it; a write does, and {@link Drive#rewind}.
 */
final class AtRestCorruption {
    private static final int CHUNK_BYTES = 256 << 10;

    private final WriteCache cache;
    private final long sizeBytes;

    AtRestCorruption(WriteCache cache, long sizeBytes) {
        this.cache = cache;
        this.sizeBytes = sizeBytes;
    }

    /** @return which bytes changed, in words */
    String damage(long offsetBytes, long lengthBytes, CorruptionPattern injury, long seed) {
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
                    injury.inflict(
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
