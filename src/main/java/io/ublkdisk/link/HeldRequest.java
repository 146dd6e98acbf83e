package io.ublkdisk.link;

import io.ublkdisk.block.Operation;
import java.time.Duration;

/**
 * A request that a rule holds, to look at.
 *
 * @param flags as {@link io.ublkdisk.block.Request#flags}
 * @param sector the first, in units of 512 bytes; 0 for FLUSH
 * @param sectorCount 0 for FLUSH
 * @param waiting for how long it has been held
 */
public record HeldRequest(Operation operation, int flags, long sector, int sectorCount, Duration waiting) {}
