package io.ublkdisk.ublk;

/** Where a {@link UblkDevice} is in its life. */
public enum DeviceState {
    /** Known to the driver, not yet a block device. */
    CREATED,
    /** {@code /dev/ublkbN} is there and served. */
    RUNNING,
    /** The block device is gone; {@link UblkDevice#start} brings it back. */
    STOPPED,
    /** The block device is there, but it has no server: a server can {@linkplain UblkDeviceBuilder#recover recover} it. */
    QUIESCED,
    /** The driver has forgotten it. The end. */
    DELETED,
    /** A queue or a command failed; the block device is gone or useless. It can be deleted. */
    FAILED
}
