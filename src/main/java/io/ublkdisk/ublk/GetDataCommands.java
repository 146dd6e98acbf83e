package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_IO_RES_NEED_GET_DATA;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_COMMIT_AND_FETCH_REQ;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_IO_NEED_GET_DATA;

import io.ublkdisk.ring.IoUring;

/**
 * {@code UBLK_F_NEED_GET_DATA}: a WRITE comes twice. First without data, which the tag's command answers by asking for them; then
 * as any other request. The driver may fail to copy and take the request back: it comes for the first time again then.
 */
final class GetDataCommands extends TagCommands {

    GetDataCommands(TagShare share, IoUring ring, DataPath data, Arrivals arrivals) {
        super(share, ring, data, arrivals);
    }

    @Override
    public void completed(long userData, int result, int flags) {
        int slot = (int) userData;
        if (result == UBLK_IO_RES_NEED_GET_DATA) {
            send(slot, UBLK_U_IO_NEED_GET_DATA);
        } else {
            next(slot, UBLK_U_IO_COMMIT_AND_FETCH_REQ);
            super.completed(userData, result, flags);
        }
    }
}
