package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_OK;

import io.ublkdisk.ring.IoUring;

/**
 * {@code UBLK_F_ZONED}: the commit of a ZONE_APPEND tells, in the place of the address, where its data are now. Every other commit
 * must have nothing there, so that is taken out as soon as the tag comes back.
 */
final class ZonedCommands extends TagCommands {

    ZonedCommands(TagShare share, IoUring ring, DataPath data, Arrivals arrivals) {
        super(share, ring, data, arrivals);
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (result == UBLK_IO_RES_OK) {
            readdress((int) userData, 0);
        }
        super.completed(userData, result, flags);
    }
}
