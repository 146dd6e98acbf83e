package io.ublkdisk.control;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.journal.Entry;
import java.time.Duration;

/**
 * A fault that was injected: a rule has done to a request what it is for.
 *
 * @param rule its name
 * @param request the number of the request by its arrival, as in the journal; 0 if the disk keeps no requests
 * @param flags as {@link Request#flags}
 * @param sector the first of the request, in units of 512 bytes; 0 for FLUSH
 * @param lengthBytes of the request; 0 for FLUSH
 * @param status what the request failed with because of it; {@link BlockStatus#OK} if it did not fail
 * @param change what was changed, in words: which bits, which sectors, how long it waits
 * @param time since the disk was created
 * @param lostBefore how many faults between the one before and this one the listener was too slow to be told of
 */
public record FaultEvent(
        String rule,
        long request,
        Operation operation,
        int flags,
        long sector,
        long lengthBytes,
        BlockStatus status,
        String change,
        Duration time,
        long lostBefore) {

    static FaultEvent of(Entry entry, long lostBefore) {
        return new FaultEvent(
                entry.rule(),
                entry.request(),
                entry.operation(),
                entry.flags(),
                entry.sector(),
                Sectors.toBytes(entry.sectorCount()),
                entry.status(),
                entry.text(),
                Duration.ofNanos(entry.timeNanos()),
                lostBefore);
    }

    /** Returns whether the write had to be durable when it was complete. */
    public boolean fua() {
        return (flags & Request.FUA) != 0;
    }

    /** Returns whether the filesystem marked the request as metadata. */
    public boolean metadata() {
        return (flags & Request.META) != 0;
    }
}
