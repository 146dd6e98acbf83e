package io.ublkdisk.crash;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.Operation;

/**
 * A change of the disk in a recording.
 *
 * @param number from 1, in the order in which the disk acknowledged them
 * @param operation WRITE, DISCARD or WRITE_ZEROES
 * @param forcedAt from which crash point on it survives whatever happens; {@link #NEVER} if only a flush of all makes it so. One
 *     that came with FUA: {@code number + 1}
 */
public record RecordedChange(long number, Operation operation, Extent sectors, long forcedAt) {
    public static final long NEVER = Long.MAX_VALUE;

    @Override
    public String toString() {
        return "#" + number + " " + operation.word() + " sectors " + sectors.first() + ".." + sectors.last()
                + (forcedAt == number + 1 ? " fua" : "");
    }
}
