package io.ublkdisk.ublk;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Zone;
import io.ublkdisk.block.ZonedBackend;
import io.ublkdisk.block.ZonedBackend.Action;
import io.ublkdisk.kernel.BlkZone;
import io.ublkdisk.kernel.UblkIoDesc;
import java.nio.ByteBuffer;

/** What only a zoned device is asked ({@code UBLK_F_ZONED}): answered at once, on the queue's thread. */
final class ZoneOperations {
    private final ZonedBackend backend;
    private final long zoneSectors;
    private final int zones;
    private final UserCopyPath data;
    private final Commands commands;
    private final BlkZone report = new BlkZone();

    ZoneOperations(ZonedBackend backend, UserCopyPath data, Commands commands) {
        this.backend = backend;
        this.zoneSectors = backend.zoneBytes() >> 9;
        this.zones = (int) (backend.sizeBytes() / backend.zoneBytes());
        this.data = data;
        this.commands = commands;
    }

    /**
     * @param count sectors, or zones of a report
     * @return false if it is no such operation, and has not been answered
     */
    boolean serve(QueueRequest request, int op, long sector, int count, int maxIoSectors) {
        boolean within = sector >= 0 && sector / zoneSectors < zones && count >= 0;
        int zone = within ? (int) (sector / zoneSectors) : 0;
        int result = switch (op) {
            case UblkIoDesc.UBLK_IO_OP_ZONE_OPEN -> within ? manage(Action.OPEN, zone) : error(BlockStatus.IO);
            case UblkIoDesc.UBLK_IO_OP_ZONE_CLOSE -> within ? manage(Action.CLOSE, zone) : error(BlockStatus.IO);
            case UblkIoDesc.UBLK_IO_OP_ZONE_FINISH -> within ? manage(Action.FINISH, zone) : error(BlockStatus.IO);
            case UblkIoDesc.UBLK_IO_OP_ZONE_RESET -> within ? manage(Action.RESET, zone) : error(BlockStatus.IO);
            case UblkIoDesc.UBLK_IO_OP_ZONE_RESET_ALL -> resetAll();
            case UblkIoDesc.UBLK_IO_OP_REPORT_ZONES ->
                within && count <= (maxIoSectors << 9) / BlkZone.BYTES
                        ? report(request, zone, count)
                        : error(BlockStatus.IO);
            case UblkIoDesc.UBLK_IO_OP_ZONE_APPEND -> {
                if (within && count > 0 && count <= maxIoSectors) {
                    append(request, zone, count << 9);
                } else {
                    commands.commit(request.slot, error(BlockStatus.IO));
                }
                yield Integer.MAX_VALUE;
            }
            default -> Integer.MIN_VALUE;
        };
        if (result == Integer.MIN_VALUE) {
            return false;
        }
        if (result != Integer.MAX_VALUE) {
            commands.commit(request.slot, result);
        }
        return true;
    }

    private int manage(Action action, int zone) {
        return error(backend.manage(action, zone));
    }

    /** Zones that are worn out are not reset, and no program expects them to be. */
    private int resetAll() {
        for (int zone = 0; zone < zones; zone++) {
            Zone.Condition now = backend.zone(zone).condition();
            boolean wornOut = now == Zone.Condition.READ_ONLY || now == Zone.Condition.OFFLINE;
            if (!wornOut && backend.manage(Action.RESET, zone) != BlockStatus.OK) {
                return error(BlockStatus.IO);
            }
        }
        return 0;
    }

    /** Fewer zones than asked for end with one that is all zeroes. */
    private int report(QueueRequest request, int first, int count) {
        ByteBuffer buffer = request.data();
        for (int i = 0; i < count; i++) {
            report.wrap(buffer, i * BlkZone.BYTES).clear();
            if (first + i < zones) {
                Zone zone = backend.zone(first + i);
                report.start(zone.startSector())
                        .len(zone.sectorCount())
                        .capacity(zone.sectorCount())
                        .wp(zone.writePointer())
                        .type(BlkZone.BLK_ZONE_TYPE_SEQWRITE_REQ)
                        .cond(zone.condition().number());
            }
        }
        int length = count * BlkZone.BYTES;
        BlockStatus status = data.transfer(request.slot, request.tag(), length, false);
        return status == BlockStatus.OK ? length : error(status);
    }

    private void append(QueueRequest request, int zone, int length) {
        BlockStatus status = data.transfer(request.slot, request.tag(), length, true);
        long sector = status == BlockStatus.OK ? backend.append(zone, request.data(), length) : -1;
        if (sector >= 0) {
            commands.commitAppend(request.slot, length, sector);
        } else {
            commands.commit(request.slot, error(BlockStatus.IO));
        }
    }

    private static int error(BlockStatus status) {
        return -status.errno();
    }
}
