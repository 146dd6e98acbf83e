package io.ublkdisk.server;

import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.DriveStats;
import io.ublkdisk.media.PagePool;
import io.ublkdisk.protocol.DiskStats;
import io.ublkdisk.ublk.UblkDevice;

/** What a drive has counted, as the protocol tells it. */
final class RequestCounts {
    private RequestCounts() {}

    static DiskStats of(Drive drive, UblkDevice device, long ageNanos) {
        DriveStats s = drive.requests().stats();
        PagePool pool = drive.pool();
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
                s.poweredOn(),
                pool.usedPages() << PagePool.PAGE_SHIFT,
                pool.reservedBytes(),
                device.bufferBytes(),
                ageNanos);
    }
}
