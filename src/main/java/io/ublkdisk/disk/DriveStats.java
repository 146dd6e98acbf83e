package io.ublkdisk.disk;

/**
 * What a drive has done since it was made. Requests are counted when they arrive, whatever becomes of them; bytes when they
 * have been moved.
 *
 * @param fuaWrites those of {@code writes} that came with FUA
 * @param unflushedWrites changes that a power cut now could take: writes, discards and write-zeroes
 * @param unflushedBytes data of those writes
 * @param faultsInjected how often a rule fired on a request; two rules on one request are two
 */
public record DriveStats(
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
        boolean poweredOn) {}
