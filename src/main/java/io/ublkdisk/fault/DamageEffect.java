package io.ublkdisk.fault;

import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import java.nio.ByteBuffer;

/**
 * Changes the bytes of a sector on their way: of a read after the media has answered, of a write before they arrive. The
 * media keeps the right bytes of a read. What it does to a sector depends on the key and the sector alone, and not on the
 * request. So a second read sees the same bytes, whatever its length.
 */
public interface DamageEffect extends MediaEffect {

    @Override
    default boolean actsOn(Operation operation) {
        return operation.hasData();
    }

    @Override
    default boolean changesBytes() {
        return true;
    }

    /**
     * Changes one sector. Absolute access only; allocates nothing.
     *
     * @param data holds the sector at {@code [offsetBytes, offsetBytes + 512)}
     * @param key this rule's key for this sector
     * @return whether a byte is another one than before
     */
    boolean damage(ByteBuffer data, int offsetBytes, long key);

    /**
     * Changes the sector of that index in the request, if this one is to be changed.
     *
     * @return whether a byte is another one than before
     */
    default boolean damage(Request request, int index, long key) {
        return damage(request.data(), index * Sectors.BYTES, key);
    }
}
