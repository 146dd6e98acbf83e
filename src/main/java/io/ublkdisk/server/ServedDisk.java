package io.ublkdisk.server;

import io.ublkdisk.block.Sectors;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.DiskStats;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.Nearest;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Injury;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.disk.Survivors;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.script.Script;
import io.ublkdisk.ublk.UblkDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A drive on a device, and what is mounted from it.
 *
 * <p><b>Threads.</b> Any. What mounts and unmounts takes its turn; what concerns rules does not, because a rule that holds a
 * request may be just what the others wait for. To take the disk down is always possible: first its rules go and what they
 * hold; if that does not help, its power, so that whatever still waits fails; if that does not help either, its device.
 */
final class ServedDisk {
    private static final Duration UNMOUNT_LIMIT = Duration.ofSeconds(60);
    private static final Duration TURN_LIMIT = Duration.ofSeconds(5);
    private static final Duration PULL_LIMIT = Duration.ofSeconds(2);
    private static final Duration OPEN_LIMIT = Duration.ofSeconds(1);
    /** Of what takes milliseconds, unless the machine has something else to do. */
    static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final DiskSpec spec;
    private final long seed;
    private final Drive drive;
    private final Port port;
    /** Null for a disk on a file: what it keeps would keep the file from getting what is written. */
    private final Snapshot fresh;

    private final DiskRules rules;
    private final Chronicle chronicle;
    private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();
    private final ReentrantLock turn = new ReentrantLock();
    private volatile Mounted mounted;
    /** How it was mounted last, also while it is not. */
    private Mounted home;

    private final Recorded recorded;
    /** Not null as long as it shows crash states. */
    private Bench bench;

    private List<String> leaks;

    /** Takes a running device whose drive has its first contents and no rules yet. */
    ServedDisk(DiskSpec spec, long seed, Script script, Drive drive, Port port) throws IOException {
        this.spec = spec;
        this.seed = seed;
        this.drive = drive;
        this.port = port;
        this.chronicle = new Chronicle(drive, device().path().toString(), spec.journalRequests());
        if (spec.journalFile().isPresent()) {
            chronicle.alsoTo(spec.journalFile().get(), info().fields());
        }
        this.rules = new DiskRules(this::toString, drive, () -> device().hurry(), script);
        this.recorded = new Recorded(this, drive);
        this.fresh = spec.file().isEmpty() ? drive.snapshot() : null;
    }

    private UblkDevice device() {
        return port.device();
    }

    String name() {
        return spec.name().orElse("ublkb" + device().id());
    }

    int id() {
        return device().id();
    }

    boolean isCalled(String word) {
        return word.equals(name())
                || word.equals(Integer.toString(id()))
                || word.equals(device().path().toString());
    }

    DiskInfo info() {
        Mounted now = mounted;
        return new DiskInfo(
                id(),
                name(),
                device().path(),
                drive.sizeBytes(),
                spec.queues(),
                spec.queueDepth(),
                spec.logicalBlockSizeBytes(),
                spec.fileSystem(),
                seed,
                ProcessHandle.current().pid(),
                Optional.ofNullable(now).filter(Mounted::isThere).map(Mounted::where));
    }

    boolean isMountedByUs() {
        Mounted now = mounted;
        return now != null && now.isThere();
    }

    /** What goes wrong with it; takes no turn. */
    DiskRules rules() {
        return rules;
    }

    Journal journal() {
        return chronicle.journal();
    }

    DiskSpec spec() {
        return spec;
    }

    Recorded recorded() {
        return recorded;
    }

    /**
     * Sets a mark: in the journal, in what is recorded, and for the script.
     *
     * @return how many steps of scripts had waited for it
     */
    int mark(String text) {
        journal().event(Entry.Kind.MARK, text);
        recorded.mark(text);
        return rules.mark(text);
    }

    /** @return which bytes changed, in words */
    String damage(long offsetBytes, long lengthBytes, Injury injury, OptionalLong with) {
        String changed = drive.damage(offsetBytes, lengthBytes, injury, with.orElse(seed));
        long first = offsetBytes >> Sectors.SHIFT;
        long last = (offsetBytes + lengthBytes - 1) >> Sectors.SHIFT;
        int count = (int) Math.min(Integer.MAX_VALUE, last - first + 1);
        journal().event(Entry.Kind.DAMAGE, first, count, injury.word() + ": " + changed);
        return changed;
    }

    DiskStats stats() {
        return Counts.of(drive.stats());
    }

    /** @param where empty: a folder that is made for it */
    Optional<Path> mount(long clientPid, Optional<Path> where, String options, Path defaultFolder) throws IOException {
        FileSystem fs = spec.fileSystem();
        if (fs == FileSystem.NONE) {
            throw new DiskException(
                    this + " was made without a filesystem, so there is none to mount; say which one when"
                            + " it is created, or run mkfs and mount on " + device().path());
        }
        return inTurn(() -> {
            if (mounted != null && mounted.isThere()) {
                throw new DiskException(this + " is mounted on " + mounted.where() + " already; unmount it first");
            }
            leaveBench();
            Path at = where.orElse(defaultFolder.resolve("ublkb" + id()));
            home = Mounted.mount(
                    device().path(), fs.word(), defaultFolder, clientPid, at, Templates.mountOptions(fs, options));
            mounted = home;
            return Optional.of(at);
        });
    }

    List<String> unmount() throws IOException {
        return inTurn(() -> {
            leaveBench();
            List<String> found = Mounted.takeOff(device().path(), UNMOUNT_LIMIT, () -> {});
            forgetMount();
            return found;
        });
    }

    Optional<Path> remount() throws IOException {
        return inTurn(() -> {
            if (mounted == null) {
                throw new DiskException(this + " is not mounted; mount it first");
            }
            mounted.unmount(UNMOUNT_LIMIT);
            mounted = mounted.again();
            return Optional.of(mounted.where());
        });
    }

    /** What it was when it was created. */
    Optional<Path> reset() throws IOException {
        if (fresh == null) {
            throw new DiskException(this + " stands on the file " + spec.file().orElseThrow() + ", which has what was"
                    + " written, so there is no going back; take a copy of the file before");
        }
        rules.end();
        return inTurn(() -> {
            goBack(fresh);
            journal().event(Entry.Kind.CONTENTS, "reset");
            mounted = home != null && spec.mounted() ? home.again() : null;
            rules.begin();
            return Optional.ofNullable(mounted).map(Mounted::where);
        });
    }

    /**
     * Takes the power; what is unflushed is lost but for what survives.
     *
     * @return what the cut did, in words
     */
    String powerCut(Survivors survivors) throws DiskException {
        if (!drive.isPowered()) {
            throw new DiskException(this + " has no power already; give it back first: ublkdisk power-on " + name());
        }
        return drive.powerCut(survivors).toString();
    }

    /** What a power cut now would leave; to be closed. */
    Snapshot crashImage(Survivors survivors) {
        try (Drive image = drive.crashImage(survivors)) {
            return image.snapshot();
        }
    }

    /**
     * Gets those contents, with power, mounted for that client if it is to be; what was mounted before is taken off.
     *
     * @param mounting the options; empty: not mounted
     */
    Optional<Path> show(Snapshot image, Optional<String> mounting, long clientPid, Path folder) throws IOException {
        return inTurn(() -> {
            Path where = folder.resolve("ublkb" + id());
            if (bench == null) {
                if (mounted != null) {
                    mounted.unmount(UNMOUNT_LIMIT);
                    mounted = null;
                }
                refuseWhileMounted();
                BlockDevice.forgetCached(device().path());
                bench = new Bench(device().path(), spec.fileSystem(), clientPid, where, mounting.orElse(""));
            }
            bench.clear();
            drive.powerOn();
            drive.rewind(image);
            if (mounting.isPresent()) {
                bench.mount();
            }
            return mounting.map(options -> where);
        });
    }

    /** Takes it off if it shows a crash state, and looks whether its filesystem is whole. @return what is wrong */
    Optional<String> check() throws IOException {
        return inTurn(() -> {
            if (bench != null) {
                return bench.check();
            }
            refuseWhileMounted();
            Tool check = Tool.start(Check.command(spec.fileSystem(), device().path()));
            if (!check.await(UNMOUNT_LIMIT)) {
                check.kill();
                throw new DiskException(check + " takes longer than " + UNMOUNT_LIMIT.toSeconds() + " s");
            }
            return check.succeeded() ? Optional.empty() : Optional.of(check.said());
        });
    }

    /**
     * Gives the power back, under whoever has files open, to another device with another number; mounted where the old one was,
     * if that was mounted. What is open stays so, and fails. See {@link Port}.
     */
    void replug() throws IOException {
        inTurn(() -> {
            if (drive.isPowered()) {
                throw new DiskException(this + " has power; cut it first");
            }
            leaveBench();
            boolean again = isMountedByUs();
            port.pullOut();
            Mounted.takeOff(device().path(), PULL_LIMIT, () -> {});
            drive.powerOn();
            port.plugIn(drive);
            mounted = again ? home.again(device().path()) : null;
            home = again ? mounted : home;
            return true;
        });
    }

    private void leaveBench() throws IOException {
        if (bench != null) {
            Bench was = bench;
            bench = null;
            was.end();
        }
    }

    void powerOn() {
        drive.powerOn();
    }

    /** Keeps the bytes under that name, in the place of those that had it. */
    void snapshot(String as) throws IOException {
        inTurn(() -> {
            BlockDevice.forgetCached(device().path());
            Snapshot before = snapshots.put(as, drive.snapshot());
            if (before != null) {
                before.close();
            }
            return as;
        });
    }

    /** Goes back to the bytes of that name: unmounted, and mounted again if the server had mounted it. */
    Optional<Path> rewind(String to) throws IOException {
        Snapshot snapshot = snapshots.get(to);
        if (snapshot == null) {
            throw new DiskException("no snapshot '" + to + "' of " + this + Nearest.hint(to, snapshots.keySet()));
        }
        return inTurn(() -> {
            boolean again = goBack(snapshot);
            journal().event(Entry.Kind.CONTENTS, "rewound to " + to);
            mounted = again ? mounted.again() : null;
            return Optional.ofNullable(mounted).map(Mounted::where);
        });
    }

    /** Returns whether it was mounted. */
    private boolean goBack(Snapshot snapshot) throws IOException {
        leaveBench();
        boolean wasMounted = isMountedByUs();
        if (mounted != null) {
            mounted.unmount(UNMOUNT_LIMIT);
        }
        refuseWhileMounted();
        drive.powerOn();
        BlockDevice.forgetCached(device().path());
        drive.rewind(snapshot);
        return wasMounted;
    }

    void refuseWhileMounted() throws DiskException {
        for (MountTable.Mount mount : MountTable.everywhere(device().path())) {
            throw new DiskException(
                    this + " is mounted on " + mount.where() + "; unmount it first: umount " + mount.where());
        }
    }

    /**
     * Takes it down, whatever hangs on it, within a bound; whoever comes second waits for the first.
     *
     * @param patience how long unmounting may write back before the power goes
     * @param unmounting whether mounts that others made are taken off too, and not only reported
     * @return what was left open
     */
    List<String> delete(Duration patience, boolean unmounting) {
        rules.end();
        drive.endHolds();
        boolean mine = tryTurn(patience);
        if (!mine) {
            cutPower();
            mine = tryTurn(TURN_LIMIT);
        }
        try {
            if (leaks == null) {
                leaks = List.copyOf(takeDown(patience, unmounting));
            }
            return leaks;
        } finally {
            if (mine) {
                turn.unlock();
            }
        }
    }

    private List<String> takeDown(Duration patience, boolean unmounting) {
        List<String> found = new ArrayList<>();
        if (unmounting) {
            try {
                found.addAll(Mounted.takeOff(device().path(), patience, this::urge));
            } catch (DiskException e) {
                found.add("mounted: " + e.getMessage());
            }
            forgetMount();
        } else {
            MountTable.everywhere(device().path())
                    .forEach(m ->
                            found.add("mounted on " + m.where() + ", where everything fails now: umount " + m.where()));
        }
        if (bench != null) {
            bench.close();
        }
        recorded.close();
        if (fresh != null) {
            fresh.close();
        }
        snapshots.values().forEach(Snapshot::close);
        Bounded<Boolean> deleted = Bounded.start("ublkdisk-delete-" + id(), () -> {
            device().close();
            return true;
        });
        // Where somebody still has it open the driver waits for him, and we do not.
        Duration limit = found.isEmpty() ? patience : OPEN_LIMIT;
        if (!deleted.await(limit)) {
            cutPower();
            if (!deleted.await(limit)) {
                port.awaitStop(STOP_LIMIT);
                found.addAll(Holders.under(device().path()));
                Log.say(device().path()
                        + " is gone as a block device, and its number is free when nobody uses it any more");
            }
        }
        found.addAll(port.awaitGone(limit));
        try {
            deleted.await(Duration.ZERO);
            deleted.result();
        } catch (Exception e) {
            Log.say(this + ": " + e.getMessage());
        }
        chronicle.close();
        return found;
    }

    /** No request may be left waiting: those without power fail, and to stop the device runs what waits for a time. */
    private void urge() {
        Log.say(this + " does not let go of its mount; its power goes");
        cutPower();
        Bounded.start("ublkdisk-stop-" + id(), () -> {
            device().stop();
            return true;
        });
    }

    private void cutPower() {
        if (drive.isPowered()) {
            drive.powerCut(Survivors.all());
        }
    }

    private void forgetMount() {
        if (mounted != null) {
            mounted.forgetFolder();
            mounted = null;
        }
    }

    private boolean tryTurn(Duration limit) {
        try {
            return turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private <T> T inTurn(Step<T> step) throws IOException {
        if (!tryTurn(UNMOUNT_LIMIT)) {
            throw new DiskException(this + " is busy mounting or unmounting; is a request held? Clear its rules");
        }
        try {
            if (leaks != null) {
                throw new DiskException(this + " has been deleted");
            }
            return step.run();
        } finally {
            turn.unlock();
        }
    }

    @Override
    public String toString() {
        return "disk " + name() + " (" + device().path() + ")";
    }

    private interface Step<T> {
        T run() throws IOException;
    }
}
