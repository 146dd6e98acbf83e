package io.ublkdisk.ublk;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.kernel.UblkDevInfo;
import io.ublkdisk.kernel.UblkIoDesc;
import java.util.Set;

/**
 * What the driver says of a device ({@code struct ublksrv_ctrl_dev_info}).
 *
 * @param queues number of hardware queues, at most one for each processor
 * @param queueDepth requests in flight per queue
 * @param kernelState {@code DEAD} before start and after stop, {@code LIVE}, {@code QUIESCED} or {@code FAIL_IO}
 * @param maxIoBytes the largest READ or WRITE
 * @param serverPid the process that serves it, -1 for none
 * @param ioDescSize bytes of each request's descriptor
 * @param serverFlags {@code ublksrv_flags}: the server's own, which the driver keeps for it
 * @param ownerUid the user who made it; of a device that root has made 0
 * @param ownerGid his group
 * @param flags {@code UBLK_F_*} that the driver agreed to
 */
public record DeviceInfo(
        int id,
        int queues,
        int queueDepth,
        KernelState kernelState,
        int maxIoBytes,
        int serverPid,
        int ioDescSize,
        long serverFlags,
        int ownerUid,
        int ownerGid,
        long flags) {

    /** {@code UBLK_S_DEV_*}. */
    public enum KernelState {
        DEAD,
        LIVE,
        QUIESCED,
        FAIL_IO
    }

    /** Returns what the driver agreed to, by name. */
    public Set<UblkFeature> features() {
        return UblkFeature.of(flags);
    }

    /** One of the server's own flags. */
    static final long AUTO_BUF_REG_FAILS = 1;

    static final long AUTO_BUF_REG_ROTATES = 1 << 1;

    /** Returns what becomes of it when its server dies. */
    public Recovery recovery() {
        if (has(UblkFeature.USER_RECOVERY_REISSUE)) {
            return Recovery.REISSUE;
        }
        if (has(UblkFeature.USER_RECOVERY_FAIL_IO)) {
            return Recovery.FAIL_IO;
        }
        return has(UblkFeature.USER_RECOVERY) ? Recovery.USER_RECOVERY : Recovery.NONE;
    }

    /** Returns whether it waits for another server to recover it. */
    public boolean isRecoverable() {
        return kernelState == KernelState.QUIESCED || kernelState == KernelState.FAIL_IO;
    }

    boolean has(UblkFeature feature) {
        return (flags & feature.bit()) != 0;
    }

    static DeviceInfo of(UblkDevInfo info) {
        return new DeviceInfo(
                info.devId(),
                info.nrHwQueues(),
                info.queueDepth(),
                KernelState.values()[info.state()],
                info.maxIoBufBytes(),
                info.ublksrvPid(),
                Math.max(info.ioDescSize(), UblkIoDesc.BYTES),
                info.ublksrvFlags(),
                info.ownerUid(),
                info.ownerGid(),
                info.flags());
    }
}
