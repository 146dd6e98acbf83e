package io.ublkdisk.block;

import java.time.Duration;

/**
 * A request that a rule holds, as it was when the server was asked.
 *
 * @param flags as {@link Request#flags}: {@link Request#FUA}, {@link Request#META} and their kin
 * @param sector the first, in units of 512 bytes; 0 for FLUSH
 * @param lengthBytes 0 for FLUSH
 * @param waiting for how long it had been held; to the millisecond
 */
public record HeldRequest(Operation operation, int flags, long sector, long lengthBytes, Duration waiting) {

    /** Returns whether the write must be durable when it is complete. */
    public boolean fua() {
        return (flags & Request.FUA) != 0;
    }

    /** Returns whether the filesystem marked it as metadata. */
    public boolean metadata() {
        return (flags & Request.META) != 0;
    }
}
