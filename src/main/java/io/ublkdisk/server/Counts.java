package io.ublkdisk.server;

import io.ublkdisk.control.DiskStats;
import io.ublkdisk.disk.DriveStats;

/** What a drive has counted, as the protocol tells it. */
final class Counts {
    private Counts() {}

    static DiskStats of(DriveStats s) {
        return new DiskStats(
                s.reads(),
                s.writes(),
                s.flushes(),
                s.discards(),
                s.writeZeroes(),
                s.fuaWrites(),
                s.readBytes(),
                s.writtenBytes(),
                s.unflushedWrites(),
                s.unflushedBytes(),
                s.faultsInjected(),
                s.poweredOn());
    }
}
