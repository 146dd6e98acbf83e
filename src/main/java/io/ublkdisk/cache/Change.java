package io.ublkdisk.cache;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;

/**
 * A change of the disk that is acknowledged and not durable yet: what a power cut can take.
 *
 * @param sequence its number among all changes that the drive ever had in its cache, from 1
 * @param position its number among the changes that are unflushed now, from 1, the oldest first
 * @param operation WRITE, DISCARD or WRITE_ZEROES
 * @param sectors where
 * @param inFlight whether it is not acknowledged yet: a write that a rule delays or holds. It may survive, also in part, but
 *     nothing is lost with it
 */
public record Change(long sequence, int position, Operation operation, Extent sectors, boolean inFlight) {

    @Override
    public String toString() {
        return "#" + sequence + " " + operation.word() + " sectors " + sectors.first() + ".." + sectors.last()
                + (inFlight ? ", in flight" : "");
    }
}
