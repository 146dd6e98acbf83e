package io.ublkdisk.ublk;

import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_ADD_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_DEL_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_END_USER_RECOVERY;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_GET_FEATURES;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_QUIESCE_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_SET_PARAMS;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_START_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_START_USER_RECOVERY;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_STOP_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_TRY_STOP_DEV;
import static io.ublkdisk.kernel.UblkCommands.UBLK_U_CMD_UPDATE_SIZE;

import io.ublkdisk.kernel.Errno;

/** What to do about an error of the ublk driver: what each of its errnos means for each command, in words. */
final class Remedy {
    static final String NO_MODULE =
            "This kernel has no ublk: load it (modprobe ublk_drv), or run in the VM (vm/run COMMAND).";
    static final String NO_RULE = "udev has not made you its owner: install src/main/udev/60-ublkdisk.rules.";
    static final String NO_ROOT =
            "A ublk device needs root (CAP_SYS_ADMIN): run as root, or in the VM (vm/run COMMAND).";

    private static final String NO_DEVICE = "There is no ublk device with that id.";
    private static final String OTHER = "The kernel log (dmesg) may say more.";

    private Remedy() {}

    static String forOpen(String path, Errno errno) {
        boolean control = path.equals(ControlDevice.PATH);
        return switch (errno) {
            case ENOENT, ENODEV, ENXIO ->
                control ? NO_MODULE : "The device is gone, or udev has not made its node yet.";
            case EACCES, EPERM -> NO_ROOT;
            case EBUSY -> "Another server has the device open: end it first.";
            case EMFILE, ENFILE -> "Too many open files: raise the limit (ulimit -n).";
            default -> OTHER;
        };
    }

    static String forCommand(int command, Errno errno) {
        if (errno == Errno.EPERM) {
            return NO_ROOT;
        }
        return switch (command) {
            case UBLK_U_CMD_ADD_DEV -> forAdd(errno);
            case UBLK_U_CMD_SET_PARAMS ->
                switch (errno) {
                    case EACCES -> "Parameters are fixed once the device has been started: set them before.";
                    case EINVAL -> "The driver refuses the parameters: check block sizes, maximum I/O and size.";
                    default -> OTHER;
                };
            case UBLK_U_CMD_START_DEV ->
                switch (errno) {
                    case EEXIST, EBUSY -> "The device runs already, or its old server has not closed it yet.";
                    case ETIME ->
                        "Not all queues fetched their requests in time, or the backend does not answer the"
                                + " partition scan.";
                    default -> OTHER;
                };
            case UBLK_U_CMD_STOP_DEV ->
                errno == Errno.ETIME ? "Requests are still in the backend: let it complete them." : OTHER;
            case UBLK_U_CMD_DEL_DEV ->
                errno == Errno.ETIME
                        ? "The block device is still open or mounted: unmount it; the device goes by itself then."
                        : OTHER;
            case UBLK_U_CMD_START_USER_RECOVERY, UBLK_U_CMD_END_USER_RECOVERY ->
                switch (errno) {
                    case EBUSY -> "Its server is still there: end it first. Or the device is not running at all.";
                    case EINVAL -> "The device was made without recovery: delete it and make it again with it.";
                    case ENODEV -> NO_DEVICE;
                    case ETIME -> "Not all queues fetched their requests in time.";
                    default -> OTHER;
                };
            case UBLK_U_CMD_UPDATE_SIZE -> newer(errno, "UPDATE_SIZE", "6.16");
            case UBLK_U_CMD_QUIESCE_DEV ->
                errno == Errno.EBUSY
                        ? "A queue has been full all the time: let the backend complete requests, and try again."
                        : newer(errno, "QUIESCE", "6.16, and a device that was made with recovery,");
            case UBLK_U_CMD_TRY_STOP_DEV ->
                errno == Errno.EBUSY
                        ? "A program has the block device open: let it close the device, or stop it all the same."
                        : newer(errno, "SAFE_STOP_DEV", "7.0");
            case UBLK_U_CMD_GET_FEATURES -> "This kernel's ublk is too old: Linux 6.5 or newer is needed.";
            default -> errno == Errno.ENODEV ? NO_DEVICE : OTHER;
        };
    }

    private static String forAdd(Errno errno) {
        return switch (errno) {
            case EEXIST -> "A device with that id exists: choose another id or none, or delete that device.";
            case EACCES, ENOSPC ->
                "The limit of ublk devices is reached: delete some, or raise"
                        + " /sys/module/ublk_drv/parameters/ublks_max.";
            case EINVAL ->
                "The driver refuses that combination of features: zones and integrity need USER_COPY, QUIESCE"
                        + " needs USER_RECOVERY, an unprivileged device has no user copy and no zero copy.";
            case ENOMEM -> "No memory for the queues: ask for fewer queues or a smaller depth.";
            case ETIME ->
                "The driver does not answer; Linux 6.17 and 6.18.4 to 6.18.5 have a fault there: use"
                        + " another kernel.";
            default -> OTHER;
        };
    }

    private static String newer(Errno errno, String feature, String since) {
        return switch (errno) {
            case EOPNOTSUPP, EINVAL -> feature + " needs Linux " + since + " or newer.";
            case ENODEV -> "There is no ublk device with that id, or it is not started.";
            default -> OTHER;
        };
    }
}
