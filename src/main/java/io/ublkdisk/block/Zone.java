package io.ublkdisk.block;

/**
 * A zone of a zoned disk at one instant, as {@code struct blk_zone} of {@code linux/blkzoned.h} reports it.
 *
 * @param startSector where it begins, in sectors of 512 bytes
 * @param sectorCount how long it is
 * @param writePointer where the next write must begin; of no meaning for a full, read-only or offline zone
 */
public record Zone(long startSector, long sectorCount, long writePointer, Condition condition) {

    /** {@code BLK_ZONE_COND_*}. */
    public enum Condition {
        EMPTY(1),
        IMPLICIT_OPEN(2),
        EXPLICIT_OPEN(3),
        CLOSED(4),
        /** Its data can be read; it will never be written again. */
        READ_ONLY(0xD),
        FULL(0xE),
        /** Its data are lost. */
        OFFLINE(0xF);

        private final int number;

        Condition(int number) {
            this.number = number;
        }

        /** The kernel's. */
        public int number() {
            return number;
        }

        public boolean isOpen() {
            return this == IMPLICIT_OPEN || this == EXPLICIT_OPEN;
        }
    }
}
