package io.ublkdisk.protocol;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Sectors;

/**
 * A change of a disk that is acknowledged and not durable: what a power cut now could take.
 *
 * @param sequence its number among all changes that the disk ever had, from 1: what {@code power-cut keep only} takes
 * @param operation WRITE, DISCARD or WRITE_ZEROES
 * @param sectors where, in sectors of 512 bytes
 */
public record UnflushedChange(long sequence, Operation operation, Extent sectors) {

    /** Returns how many bytes it covers. */
    public long lengthBytes() {
        return Sectors.toBytes(sectors.count());
    }

    /** Returns it as the protocol writes it. */
    public KeyValues fields() {
        return new KeyValues()
                .put("sequence", sequence)
                .put("operation", operation.word())
                .put("sector", sectors.first())
                .put("sectors", sectors.count());
    }

    public static UnflushedChange parse(KeyValues fields) {
        return new UnflushedChange(
                fields.number("sequence", 0),
                Operation.named(fields.text("operation").orElse("")),
                Extent.ofLength(fields.number("sector", 0), fields.number("sectors", 1)));
    }

    @Override
    public String toString() {
        return "#" + sequence + " " + operation.word() + " sectors " + sectors.first() + ".." + sectors.last();
    }
}
