package io.ublkdisk.server;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.TimeLimitedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Disks that are made before they are asked for, each for one client and one specification. When the client asks for such a disk
 * it gets one without waiting for the kernel. Each is new, has had no user, and no client sees it before. Thread safe.
 */
final class PreparedDisks {
    /** So many for each owner; when there are more, the oldest is deleted. */
    private static final int LIMIT = 4;

    /** Longer than making a disk can take, so that no disk is finished after its client has stopped waiting. */
    private static final Duration MAKING_LIMIT = Duration.ofSeconds(110);

    private final Consumer<ServedDisk> discard;
    private final List<Prepared> disks = new ArrayList<>();

    private record Prepared(Object owner, DiskSpec spec, long clientPid, TimeLimitedTask<ServedDisk> making) {
        boolean isLike(DiskSpec wanted, long pid) {
            return clientPid == pid && spec.line().equals(wanted.line());
        }

        /** Once it is made, if it can be. */
        Optional<ServedDisk> disk() {
            if (!making.await(MAKING_LIMIT)) {
                return Optional.empty();
            }
            try {
                return Optional.of(making.result());
            } catch (Exception e) {
                Log.debug("no prepared disk: " + e);
                return Optional.empty();
            }
        }
    }

    /** @param discard deletes a disk that no client has asked for */
    PreparedDisks(Consumer<ServedDisk> discard) {
        this.discard = discard;
    }

    /**
     * Has a disk made, unless there is one like it.
     *
     * @throws IllegalArgumentException if there can be only one such disk
     */
    synchronized void add(Object owner, DiskSpec spec, long clientPid, Callable<ServedDisk> maker) {
        if (spec.name().isPresent()
                || spec.file().isPresent()
                || spec.mountPoint().isPresent()
                || spec.journalFile().isPresent()
                || spec.logWrites().isPresent()
                || spec.recovery() != Recovery.NONE) {
            throw new IllegalArgumentException("a disk that has a name, a mount point, a file or recovery cannot be"
                    + " prepared, because there can be only one such disk; create it when you need it");
        }
        if (disks.stream().anyMatch(prepared -> prepared.isLike(spec, clientPid))) {
            return;
        }
        List<Prepared> own =
                disks.stream().filter(prepared -> prepared.owner == owner).toList();
        if (own.size() >= LIMIT) {
            giveUp(own.get(0)::equals);
        }
        disks.add(new Prepared(owner, spec, clientPid, TimeLimitedTask.start("ublkdisk-spare", maker)));
    }

    /** Returns a disk with this specification, if there is one; it is the caller's from now on. */
    Optional<ServedDisk> take(DiskSpec spec, long clientPid) {
        Optional<Prepared> found;
        synchronized (this) {
            found = disks.stream()
                    .filter(prepared -> prepared.isLike(spec, clientPid))
                    .findFirst();
            found.ifPresent(disks::remove);
        }
        Optional<ServedDisk> disk = found.flatMap(Prepared::disk);
        if (disk.isPresent() && !disk.get().isRunning()) {
            discard.accept(disk.get()); // its device was deleted from outside
            return Optional.empty();
        }
        return disk;
    }

    /** Deletes the disks of that owner, and returns when they are gone. */
    void end(Object owner) {
        giveUp(prepared -> prepared.owner == owner).forEach(end -> end.await(MAKING_LIMIT));
    }

    /** Deletes all. @return what can be waited for */
    List<TimeLimitedTask<Boolean>> giveUp() {
        return giveUp(prepared -> true);
    }

    private synchronized List<TimeLimitedTask<Boolean>> giveUp(Predicate<Prepared> which) {
        List<Prepared> given = disks.stream().filter(which).toList();
        disks.removeAll(given);
        return given.stream()
                .map(prepared -> TimeLimitedTask.start("ublkdisk-spare-end", () -> {
                    prepared.disk().ifPresent(discard);
                    return true;
                }))
                .toList();
    }
}
