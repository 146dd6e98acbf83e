package io.ublkdisk.journal;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;

/**
 * The last so many records, each in a slot that is used again and again: nothing is allocated once all slots are. Records are
 * numbered from 0 in the order in which they came. The journal's lock guards it.
 */
final class Ring {
    /** A record, to be filled in. */
    static final class Slot {
        long sequence;
        long timeNanos;
        Entry.Kind kind;
        long request;
        Operation operation;
        int flags;
        long sector;
        int sectorCount;
        BlockStatus status;
        long tookNanos;
        long epoch;
        String rule;
        String text;

        Entry entry() {
            return new Entry(
                    sequence,
                    timeNanos,
                    kind,
                    request,
                    operation,
                    flags,
                    sector,
                    sectorCount,
                    status,
                    tookNanos,
                    epoch,
                    rule,
                    text);
        }
    }

    private final Slot[] slots;
    private long total;

    Ring(int capacity) {
        this.slots = new Slot[capacity];
    }

    /** Returns the slot for one more record, in the place of the oldest. */
    Slot next() {
        int index = (int) (total++ % slots.length);
        if (slots[index] == null) {
            slots[index] = new Slot();
        }
        return slots[index];
    }

    /** Returns the number of the next record. */
    long total() {
        return total;
    }

    /** Returns the number of the oldest that is there. */
    long oldest() {
        return Math.max(0, total - slots.length);
    }

    Slot at(long number) {
        return slots[(int) (number % slots.length)];
    }
}
