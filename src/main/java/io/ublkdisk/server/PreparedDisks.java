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
 * Disks that were made before anybody asked for them, each for one client and one specification: who asks for that next gets it
 * without waiting for the kernel. Each is new, has had no user, and is seen by no client before. Thread safe.
 */
final class PreparedDisks {
    /** So many for each owner; of more the oldest is given up. */
    private static final int LIMIT = 4;

    /** Longer than all that making one waits for, so that none comes when no client waits for it any more. */
    private static final Duration MAKING_LIMIT = Duration.ofSeconds(110);

    private final Consumer<ServedDisk> discard;
    private final List<Spare> spares = new ArrayList<>();

    private record Spare(Object owner, DiskSpec spec, long clientPid, TimeLimitedTask<ServedDisk> making) {
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
                Log.debug("no spare disk: " + e);
                return Optional.empty();
            }
        }
    }

    /** @param discard takes one down that no client has asked for */
    PreparedDisks(Consumer<ServedDisk> discard) {
        this.discard = discard;
    }

    /**
     * Has one made, unless there is one.
     *
     * @throws IllegalArgumentException if there cannot be two of it
     */
    synchronized void add(Object owner, DiskSpec spec, long clientPid, Callable<ServedDisk> maker) {
        if (spec.name().isPresent()
                || spec.file().isPresent()
                || spec.mountPoint().isPresent()
                || spec.journalFile().isPresent()
                || spec.logWrites().isPresent()
                || spec.recovery() != Recovery.NONE) {
            throw new IllegalArgumentException("a disk that has a name, a mount point, a file or recovery cannot be"
                    + " prepared, since there cannot be two of it; create it when it is wanted");
        }
        if (spares.stream().anyMatch(spare -> spare.isLike(spec, clientPid))) {
            return;
        }
        List<Spare> own = spares.stream().filter(spare -> spare.owner == owner).toList();
        if (own.size() >= LIMIT) {
            giveUp(own.get(0)::equals);
        }
        spares.add(new Spare(owner, spec, clientPid, TimeLimitedTask.start("ublkdisk-spare", maker)));
    }

    /** Returns one that is as it was asked for, and is the caller's from now on. */
    Optional<ServedDisk> take(DiskSpec spec, long clientPid) {
        Optional<Spare> found;
        synchronized (this) {
            found = spares.stream()
                    .filter(spare -> spare.isLike(spec, clientPid))
                    .findFirst();
            found.ifPresent(spares::remove);
        }
        Optional<ServedDisk> disk = found.flatMap(Spare::disk);
        if (disk.isPresent() && !disk.get().isRunning()) {
            discard.accept(disk.get()); // somebody has taken its device away
            return Optional.empty();
        }
        return disk;
    }

    /** Takes those of that owner down, and returns when they are gone. */
    void end(Object owner) {
        giveUp(spare -> spare.owner == owner).forEach(end -> end.await(MAKING_LIMIT));
    }

    /** Takes all down. @return what can be waited for */
    List<TimeLimitedTask<Boolean>> giveUp() {
        return giveUp(spare -> true);
    }

    private synchronized List<TimeLimitedTask<Boolean>> giveUp(Predicate<Spare> which) {
        List<Spare> given = spares.stream().filter(which).toList();
        spares.removeAll(given);
        return given.stream()
                .map(spare -> TimeLimitedTask.start("ublkdisk-spare-end", () -> {
                    spare.disk().ifPresent(discard);
                    return true;
                }))
                .toList();
    }
}
