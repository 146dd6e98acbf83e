package io.ublkdisk.protocol;

/**
 * What a disk has done since it was created: requests by operation, bytes, faults.
 *
 * @param fuaWrites writes with FUA, which {@code writes} has too
 * @param unflushedWrites acknowledged writes that a power cut would lose
 * @param unflushedBytes the bytes of those
 * @param faultsInjected requests that a rule changed
 * @param memoryUsedBytes what all disks of the same server hold outside the Java heap, snapshots and templates among them;
 *     bytes that several share count once
 * @param memoryReservedBytes what the server has taken from the system for that, and keeps for the next disk
 * @param memoryBufferBytes what the buffers of this disk's requests have taken beside that: pages of them come as they are touched, and
 *     stay until the disk goes
 * @param ageNanos how long its journal has been kept, by the clock of the journal's entries
 */
public record DiskStats(
        long reads,
        long writes,
        long flushes,
        long discards,
        long writeZeroes,
        long fuaWrites,
        long readBytes,
        long writtenBytes,
        long unflushedWrites,
        long unflushedBytes,
        long faultsInjected,
        boolean poweredOn,
        long memoryUsedBytes,
        long memoryReservedBytes,
        long memoryBufferBytes,
        long ageNanos) {

    /** Returns it as the protocol writes it. */
    public KeyValues fields() {
        return new KeyValues()
                .put("reads", reads)
                .put("writes", writes)
                .put("flushes", flushes)
                .put("discards", discards)
                .put("writeZeroes", writeZeroes)
                .put("fuaWrites", fuaWrites)
                .put("readBytes", readBytes)
                .put("writtenBytes", writtenBytes)
                .put("unflushedWrites", unflushedWrites)
                .put("unflushedBytes", unflushedBytes)
                .put("faultsInjected", faultsInjected)
                .put("poweredOn", poweredOn)
                .put("memoryUsedBytes", memoryUsedBytes)
                .put("memoryReservedBytes", memoryReservedBytes)
                .put("memoryBufferBytes", memoryBufferBytes)
                .put("ageNanos", ageNanos);
    }

    /** Reads what {@link #fields} wrote. */
    public static DiskStats parse(KeyValues fields) {
        return new DiskStats(
                fields.number("reads", 0),
                fields.number("writes", 0),
                fields.number("flushes", 0),
                fields.number("discards", 0),
                fields.number("writeZeroes", 0),
                fields.number("fuaWrites", 0),
                fields.number("readBytes", 0),
                fields.number("writtenBytes", 0),
                fields.number("unflushedWrites", 0),
                fields.number("unflushedBytes", 0),
                fields.number("faultsInjected", 0),
                fields.flag("poweredOn", true),
                fields.number("memoryUsedBytes", 0),
                fields.number("memoryReservedBytes", 0),
                fields.number("memoryBufferBytes", 0),
                fields.number("ageNanos", 0));
    }
}
