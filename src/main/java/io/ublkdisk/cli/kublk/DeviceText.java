package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.ublk.DeviceInfo;
import io.ublkdisk.ublk.DeviceParams;
import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import io.ublkdisk.ublk.UblkFeature;

/** A device in kublk's words, which the selftests cut up by their places: change nothing here. */
final class DeviceText {
    private DeviceText() {}

    static String of(UblkControl control, int id) throws UblkException {
        DeviceInfo info = control.info(id);
        DeviceParams params = control.params(id);
        StringBuilder text = new StringBuilder();
        text.append("dev id %d: nr_hw_queues %d queue_depth %d block size %d dev_capacity %d\n"
                .formatted(
                        id,
                        info.queues(),
                        info.queueDepth(),
                        params.logicalBlockSize(),
                        Sectors.ofBytes(params.sizeBytes())));
        text.append("\tmax rq size %d daemon pid %d flags 0x%x state %s\n"
                .formatted(info.maxIoBytes(), info.serverPid(), info.flags(), info.kernelState()));
        if ((info.flags() & UblkFeature.IO_DESC_SIZE.bit()) != 0) {
            text.append("\tio_desc_size %d\n".formatted(info.ioDescSize()));
        }
        for (int queue = 0; queue < info.queues(); queue++) {
            // kublk runs each queue on the first of its processors, and shows that one.
            int processor = control.queueAffinity(id, queue).nextSetBit(0);
            text.append("\tqueue %d: affinity(%s)\n".formatted(queue, processor < 0 ? "" : processor + " "));
        }
        return text.toString();
    }
}
