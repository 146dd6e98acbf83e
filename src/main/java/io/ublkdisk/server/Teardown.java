package io.ublkdisk.server;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.server.log.JournalWriter;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.mount.MountTable;
import io.ublkdisk.server.mount.MountUsers;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes a disk within a time limit, whatever uses it. First its rules go, and what they hold. If that does not help its
 * power goes, so that what still waits fails. If that does not help either, its device goes. Once; a second caller waits
 * for the first.
 */
final class Teardown {
    /** Of what takes milliseconds, unless the machine has something else to do. */
    static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private static final Duration LOCK_LIMIT = Duration.ofSeconds(5);
    private static final Duration OPEN_LIMIT = Duration.ofSeconds(1);

    private final ServedDisk disk;
    private final Drive drive;
    private final DeviceAttachment attachment;
    private final DiskLock lock;
    private final JournalWriter journalWriter;
    private List<String> leaks;

    Teardown(ServedDisk disk, Drive drive, DeviceAttachment attachment, DiskLock lock, JournalWriter journalWriter) {
        this.disk = disk;
        this.drive = drive;
        this.attachment = attachment;
        this.lock = lock;
        this.journalWriter = journalWriter;
    }

    /**
     * Takes the first steps, where all is well: ends the rules and unmounts what we mounted. {@link #run} does what is left.
     *
     * @return false if a process uses it or it hangs
     */
    boolean begin(Duration patience) {
        disk.rules().end();
        drive.link().endHolds();
        if (!lock.tryTake(patience)) {
            return false;
        }
        try {
            return disk.mounts().letGo(patience);
        } finally {
            lock.leave();
        }
    }

    /**
     * @param patience how long unmounting may write back before the power goes
     * @param unmounting whether mounts that others made are taken off too, and not only reported
     * @return what was left open
     */
    List<String> run(Duration patience, boolean unmounting) {
        disk.rules().end();
        drive.link().endHolds();
        boolean mine = lock.tryTake(patience);
        if (!mine) {
            cutPower();
            mine = lock.tryTake(LOCK_LIMIT);
        }
        try {
            if (leaks == null) {
                leaks = List.copyOf(takeDown(patience, unmounting));
                lock.end();
            }
            return leaks;
        } finally {
            if (mine) {
                lock.leave();
            }
        }
    }

    private List<String> takeDown(Duration patience, boolean unmounting) {
        List<String> found = new ArrayList<>();
        if (unmounting) {
            try {
                found.addAll(disk.mounts().takeOff(patience, this::urge));
            } catch (DiskException e) {
                found.add("mounted: " + e.getMessage());
                disk.mounts().forget();
            }
        } else {
            MountTable.everywhere(disk.device())
                    .forEach(m ->
                            found.add("mounted on " + m.where() + ", where everything fails now: umount " + m.where()));
        }
        disk.mounts().close();
        disk.recorded().close();
        disk.contents().close();
        TimeLimitedTask<Boolean> deleted = TimeLimitedTask.start("ublkdisk-delete-" + disk.id(), () -> {
            attachment.device().close();
            return true;
        });
        // Where somebody still has it open the driver waits for him, and we do not.
        Duration limit = found.isEmpty() ? patience : OPEN_LIMIT;
        if (!deleted.await(limit)) {
            cutPower();
            if (!deleted.await(limit)) {
                attachment.awaitStop(STOP_LIMIT);
                found.addAll(MountUsers.ofDevice(disk.device()));
                Log.say(disk.device()
                        + " is gone as a block device, and its number is free when no process uses it any more");
            }
        }
        found.addAll(attachment.awaitGone(limit));
        try {
            deleted.await(Duration.ZERO);
            deleted.result();
        } catch (Exception e) {
            MountUsers.ofDevice(disk.device()).stream()
                    .filter(line -> !found.contains(line))
                    .forEach(found::add);
            Log.say(disk + ": " + e.getMessage());
        }
        journalWriter.close();
        return found;
    }

    /** Lets every request end that waits: requests without power fail, and to stop the device runs what waits for a time. */
    private void urge() {
        Log.say(disk + " does not let go of its mount; its power goes");
        cutPower();
        TimeLimitedTask.start("ublkdisk-stop-" + disk.id(), () -> {
            attachment.device().stop();
            return true;
        });
    }

    /** Cuts the power, unless another thread has cut it, or closed the drive, a moment ago. */
    private void cutPower() {
        try {
            if (drive.cache().isPowered()) {
                drive.powerCut(SurvivalPolicy.all());
            }
        } catch (IllegalStateException e) {
            Log.debug(disk + ": " + e.getMessage());
        }
    }
}
