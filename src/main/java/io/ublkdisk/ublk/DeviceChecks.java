package io.ublkdisk.ublk;

import io.ublkdisk.block.Integrity;
import io.ublkdisk.block.IntegrityBackend;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.block.ZeroCopyBackend;
import io.ublkdisk.block.ZonedBackend;
import io.ublkdisk.kernel.LinuxCalls;
import io.ublkdisk.kernel.UblkCommands;
import io.ublkdisk.kernel.UblkIoDesc;
import io.ublkdisk.kernel.UblkParams;
import java.time.Duration;

/**
 * Checks what a {@link UblkDeviceBuilder} has been told, and makes the driver's parameters of it. Each message has the value,
 * the setter's name and what is possible.
 */
final class DeviceChecks {
    private static final int PAGE_BYTES = 4096;
    private static final int MAX_THREADS = 64;
    private static final int MAX_ID = (1 << 20) - 1;
    private static final int MAX_IO_BYTES = 32 << 20;
    private static final int DEFAULT_PHYSICAL_BLOCK_SIZE = 4096;

    private final UblkDeviceBuilder device;

    DeviceChecks(UblkDeviceBuilder device) {
        this.device = device;
    }

    /** Checks all, and returns the parameters of the new device. */
    DeviceParams checked() {
        DeviceParams params = params();
        between("id", device.id, -1, MAX_ID);
        between("queues", device.queues, 1, UblkCommands.UBLK_MAX_NR_QUEUES);
        between("queueDepth", device.queueDepth, 1, UblkCommands.UBLK_MAX_QUEUE_DEPTH);
        between("threadsPerQueue", device.threadsPerQueue, 1, Math.min(MAX_THREADS, device.queueDepth));
        check(
                !(device.backend instanceof ZonedBackend) || device.dataMode == DataMode.USER_COPY,
                "dataMode " + device.dataMode + ": a ZonedBackend needs USER_COPY");
        check(
                !(device.backend instanceof IntegrityBackend) || device.dataMode == DataMode.USER_COPY,
                "dataMode " + device.dataMode + ": an IntegrityBackend needs USER_COPY");
        check(
                !device.dataMode.isZeroCopy() || device.backend instanceof ZeroCopyBackend,
                "dataMode " + device.dataMode + ": needs a ZeroCopyBackend, and "
                        + device.backend.getClass().getSimpleName() + " is not one; use COPY or USER_COPY");
        check(
                !device.batch || device.dataMode != DataMode.NEED_GET_DATA,
                "batch true: not with dataMode NEED_GET_DATA, which is a command for each tag; use another dataMode");
        check(
                !device.autoBufRegRotates || device.threadsPerQueue == 1,
                "autoBufRegRotates true: not with threadsPerQueue " + device.threadsPerQueue
                        + "; these threads do not know each other's numbers; use 1");
        positive("controlTimeout", device.controlTimeout);
        positive("drainTimeout", device.drainTimeout);
        check(
                !device.unprivileged || device.recovery == Recovery.NONE,
                "recovery " + device.recovery
                        + ": the driver recovers no unprivileged device; leave one of the two out");
        check(
                !device.unprivileged || LinuxCalls.geteuid() != 0,
                "unprivileged: every device of root is a privileged one; leave it out, or run as another user");
        return params;
    }

    /** Checks what counts for a device that is there. */
    void checkRecovery() {
        between("id", device.id, 0, MAX_ID);
        positive("controlTimeout", device.controlTimeout);
        positive("drainTimeout", device.drainTimeout);
    }

    DeviceParams params() {
        powerOfTwo("logicalBlockSize", device.logicalBlockSize, Sectors.BYTES, PAGE_BYTES);
        int physical = device.physicalBlockSize != 0
                ? device.physicalBlockSize
                : Math.max(device.logicalBlockSize, DEFAULT_PHYSICAL_BLOCK_SIZE);
        powerOfTwo("physicalBlockSize", physical, device.logicalBlockSize, 1 << 20);
        between("maxIoBytes", device.maxIoBytes, PAGE_BYTES, MAX_IO_BYTES);
        check(
                device.maxIoBytes % PAGE_BYTES == 0,
                "maxIoBytes " + device.maxIoBytes + ": must be a multiple of " + PAGE_BYTES);
        between("ioDescSize", device.ioDescSize, UblkIoDesc.BYTES, UblkIoDesc.MAX_BYTES);
        check(
                device.ioDescSize % Long.BYTES == 0,
                "ioDescSize " + device.ioDescSize + ": must be a multiple of " + Long.BYTES);
        if (device.dmaAlignment != 0) {
            powerOfTwo("dmaAlignment", device.dmaAlignment, 1, PAGE_BYTES);
        }
        if (device.segments != null) {
            between("segments count", device.segments.count(), 1, 0xffff);
            between("segments bytes", device.segments.bytes(), UblkParams.UBLK_MIN_SEGMENT_SIZE, Integer.MAX_VALUE);
            check(
                    device.segments.boundaryBytes() >= UblkParams.UBLK_MIN_SEGMENT_SIZE
                            && Long.bitCount(device.segments.boundaryBytes()) == 1,
                    "segments boundaryBytes " + device.segments.boundaryBytes() + ": must be a power of two from "
                            + UblkParams.UBLK_MIN_SEGMENT_SIZE + " on");
        }
        long size = device.backend.sizeBytes();
        check(
                size > 0 && size % device.logicalBlockSize == 0,
                "backend.sizeBytes() " + size + ": must be positive and a multiple of the logical block size, "
                        + device.logicalBlockSize);
        DeviceParams.Zones zones = device.backend instanceof ZonedBackend zoned ? zones(zoned) : null;
        return new DeviceParams(
                size,
                device.logicalBlockSize,
                physical,
                device.maxIoBytes,
                device.readOnly,
                device.rotational,
                device.volatileCache,
                device.fua && device.volatileCache,
                device.discard && zones == null ? DeviceParams.MAX_RANGE_SECTORS : 0,
                device.writeZeroes && zones == null ? DeviceParams.MAX_RANGE_SECTORS : 0,
                device.backend instanceof IntegrityBackend beside ? integrity(beside.integrity()) : null,
                zones,
                device.dmaAlignment,
                device.segments);
    }

    /** Checks as the driver does, in {@code ublk_dev_param_zoned_validate}. */
    private DeviceParams.Zones zones(ZonedBackend zoned) {
        long bytes = zoned.zoneBytes();
        check(
                bytes >= PAGE_BYTES && Long.bitCount(bytes) == 1 && zoned.sizeBytes() % bytes == 0,
                "backend.zoneBytes() " + bytes + ": must be a power of two from " + PAGE_BYTES
                        + ", of which the disk's size is a multiple");
        int count = (int) (zoned.sizeBytes() / bytes);
        between("backend.maxOpenZones()", zoned.maxOpenZones(), 0, count);
        between("backend.maxActiveZones()", zoned.maxActiveZones(), 0, count);
        return new DeviceParams.Zones(
                bytes, zoned.maxOpenZones(), zoned.maxActiveZones(), (int) Math.min(device.maxIoBytes, bytes));
    }

    /** Checks as the driver does, in {@code ublk_validate_params}. */
    private static Integrity integrity(Integrity integrity) {
        between("integrity().metadataBytes()", integrity.metadataBytes(), 1, 255);
        int tuple = integrity.checksum().tupleBytes();
        between("integrity().piOffset()", integrity.piOffset(), 0, Math.max(0, integrity.metadataBytes() - tuple));
        check(
                tuple <= integrity.metadataBytes(),
                "integrity().metadataBytes() " + integrity.metadataBytes() + ": " + integrity.checksum() + " needs "
                        + tuple);
        check(
                !integrity.referenceTag() || integrity.checksum() != Integrity.Checksum.NONE,
                "integrity().referenceTag() true: needs a checksum");
        return integrity;
    }

    private static void between(String name, int value, int least, int most) {
        check(value >= least && value <= most, name + " " + value + ": must be from " + least + " to " + most);
    }

    private static void powerOfTwo(String name, int value, int least, int most) {
        check(
                value >= least && value <= most && Integer.bitCount(value) == 1,
                name + " " + value + ": must be a power of two from " + least + " to " + most);
    }

    private static void positive(String name, Duration value) {
        check(!value.isNegative() && !value.isZero(), name + " " + value + ": must be longer than nothing");
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
