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
        /** It has no data. */
        EMPTY(1),
        /** It was opened by a write. */
        IMPLICIT_OPEN(2),
        /** It was opened by request. */
        EXPLICIT_OPEN(3),
        /** It has data, and holds no resource of the disk. */
        CLOSED(4),
        /** Its data can be read; it will never be written again. */
        READ_ONLY(0xD),
        /** It takes no more data. */
        FULL(0xE),
        /** Its data are lost. */
        OFFLINE(0xF);

        private final int number;

        Condition(int number) {
            this.number = number;
        }

        /** Returns the kernel's number for it. */
        public int number() {
            return number;
        }

        /** Returns whether it is open, by request or by a write. */
        public boolean isOpen() {
            return this == IMPLICIT_OPEN || this == EXPLICIT_OPEN;
        }
    }
}
