package io.ublkdisk.junit;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.journal.Entry;
import java.util.ArrayList;
import java.util.List;

/** A journal made by hand, one entry a millisecond. */
public final class Entries {
    private final List<Entry> entries = new ArrayList<>();

    public List<Entry> all() {
        return List.copyOf(entries);
    }

    /** A request that has ended. */
    public Entries request(
            long number, Operation operation, int flags, long sector, int count, BlockStatus status, String rule) {
        return add(Entry.Kind.REQUEST, number, operation, flags, sector, count, status, rule, "");
    }

    public Entries request(long number, Operation operation, long sector, int count) {
        return request(number, operation, 0, sector, count, BlockStatus.OK, "");
    }

    public Entries fault(
            String rule, long number, Operation operation, long sector, int count, BlockStatus status, String text) {
        return add(Entry.Kind.FAULT, number, operation, 0, sector, count, status, rule, text);
    }

    public Entries power(String text) {
        return add(Entry.Kind.POWER, 0, null, 0, 0, 0, BlockStatus.OK, "", text);
    }

    public Entries damage(long sector, int count, String text) {
        return add(Entry.Kind.DAMAGE, 0, null, 0, sector, count, BlockStatus.OK, "", text);
    }

    private Entries add(
            Entry.Kind kind,
            long number,
            Operation operation,
            int flags,
            long sector,
            int count,
            BlockStatus status,
            String rule,
            String text) {
        long sequence = entries.size() + 1;
        entries.add(new Entry(
                sequence,
                sequence * 1_000_000,
                kind,
                number,
                operation,
                flags,
                sector,
                count,
                status,
                0,
                0,
                rule,
                text));
        return this;
    }
}
