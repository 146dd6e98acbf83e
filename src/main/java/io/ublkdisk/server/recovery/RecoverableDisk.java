package io.ublkdisk.server.recovery;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.Nearest;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk that waits for another server, and what that has to know. */
public record RecoverableDisk(DeviceRegistry.DeviceRecord note, RecoveryRecord testament) {
    /** How long a killed process takes to be gone, with all its memory. */
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(20);

    /**
     * Returns the one that is called so.
     *
     * @throws DiskException if there is none, or it is served
     */
    public static RecoverableDisk find(DeviceRegistry notes, String word) throws IOException {
        List<String> names = new ArrayList<>();
        for (DeviceRegistry.DeviceRecord note : notes.all()) {
            Optional<RecoveryRecord> testament = note.heritage();
            if (testament.isPresent()) {
                if (testament.get().isCalled(word, note.id())) {
                    awaitDeath(note, testament.get().name(note.id()));
                    return new RecoverableDisk(note, testament.get());
                }
                names.add(testament.get().name(note.id()));
            }
        }
        throw new DiskException("no disk '" + word + "' can be recovered"
                + (names.isEmpty() ? "; none was made with --recovery" : Nearest.hint(word, names)));
    }

    private static void awaitDeath(DeviceRegistry.DeviceRecord note, String name) throws DiskException {
        boolean isOurs = note.serverPid() == ProcessHandle.current().pid();
        if (isOurs || note.isServed() && !TimeLimitedTask.until(DEATH_LIMIT, () -> !note.isServed())) {
            throw new DiskException("disk '" + name + "' has a server, process " + note.serverPid()
                    + ": end that first, or have it hand the disk back: ublkdisk quiesce " + name);
        }
    }
}
