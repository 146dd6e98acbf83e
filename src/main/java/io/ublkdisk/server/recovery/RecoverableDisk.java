package io.ublkdisk.server.recovery;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk that waits for another server, and what that has to know. */
public record RecoverableDisk(DeviceRegistry.DeviceRecord device, RecoveryRecord recovery) {
    /** How long a killed process takes to be gone, with all its memory. */
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(20);

    /**
     * Returns the disk with that name, or path, or number of its device.
     *
     * @throws DiskException if there is no such disk, or it is served
     */
    public static RecoverableDisk find(DeviceRegistry registry, String word) throws IOException {
        List<String> names = new ArrayList<>();
        for (DeviceRegistry.DeviceRecord device : registry.all()) {
            Optional<RecoveryRecord> record = device.recoveryRecord();
            if (record.isPresent()) {
                if (record.get().isCalled(word, device.id())) {
                    awaitDeath(device, record.get().name(device.id()));
                    return new RecoverableDisk(device, record.get());
                }
                names.add(record.get().name(device.id()));
            }
        }
        throw new DiskException("no disk '" + word + "' can be recovered"
                + (names.isEmpty() ? "; none was made with --recovery" : Nearest.hint(word, names)));
    }

    private static void awaitDeath(DeviceRegistry.DeviceRecord device, String name) throws DiskException {
        boolean isOurs = device.serverPid() == ProcessHandle.current().pid();
        if (isOurs || device.isServed() && !TimeLimitedTask.until(DEATH_LIMIT, () -> !device.isServed())) {
            throw new DiskException("disk '" + name + "' has a server, process " + device.serverPid()
                    + ": end that first, or have it hand the disk back: ublkdisk quiesce " + name);
        }
    }
}
