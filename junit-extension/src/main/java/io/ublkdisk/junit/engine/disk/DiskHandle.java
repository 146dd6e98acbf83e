package io.ublkdisk.junit.engine.disk;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.RemoteRecording;
import io.ublkdisk.control.RemoteRecording.SampledState;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.junit.Disk;
import io.ublkdisk.junit.Unflushed;
import io.ublkdisk.junit.engine.files.FileMap;
import io.ublkdisk.junit.engine.files.FileUsers;
import io.ublkdisk.protocol.DiskStats;
import io.ublkdisk.protocol.UnflushedChange;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk of the server, and the settings that asked for it. What is done with its end is {@link DiskCleanup}'s. */
public class DiskHandle implements Disk {
    private static final Path SYS_BLOCK = Path.of("/sys/block");
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

    private final OwnServer server;
    private final RemoteDisk remote;
    private final DiskSettings settings;
    private final Observations observations;
    private final ServedFaults faults;
    private final List<ServedFork> forks = new CopyOnWriteArrayList<>();
    private final List<DaemonProcess> daemons = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    /** The latest; null for none. */
    private volatile RemoteRecording recording;
    /** Null where none is kept. */
    private final History history;
    /** Where it was mounted first, and is mounted again; null for a raw device. */
    private volatile Path mountPoint;
    /** The kernel's number for this very disk, never used again, unlike the device's name; -1 if it has none (5.14). */
    private volatile long sequence;
    /** Why it is gone; null as long as it is there. */
    private volatile String ending;

    /** @param history null for none */
    DiskHandle(ServerProcess server, RemoteDisk remote, DiskSettings settings, History history) {
        this.history = history;
        this.server = new OwnServer(this, server);
        this.remote = remote;
        this.settings = settings;
        this.observations = new Observations(remote);
        this.faults = new ServedFaults(this, settings.lenient());
        this.mountPoint = remote.mountPoint().orElse(null);
        this.sequence = sequenceNow();
        this.observations.begin();
    }

    @Override
    public Path device() {
        refuseAfterEnd();
        return remote.device();
    }

    /** Refuses a use after the end: the device may be another test's by now. */
    private void refuseAfterEnd() {
        if (ending != null) {
            throw new IllegalStateException(ending);
        }
    }

    /** Notes that it has been taken away. @param why what a later use of it is told */
    public void end(String why) {
        remote.explainEnd(this + " is gone: " + why);
        ending = this + " is gone: " + why;
    }

    @Override
    public Path mountPoint() {
        refuseAfterEnd();
        return remote.mountPoint()
                .orElseThrow(() -> new IllegalStateException(this
                        + (mountPoint == null
                                ? " has no filesystem; ask for one, for instance with mount = EXT4"
                                : " is not mounted now; mount() it")));
    }

    @Override
    public boolean isMounted() {
        return remote.mountPoint().isPresent();
    }

    @Override
    public void unmount() throws IOException {
        refuseWhileOpen("unmounted");
        List<String> others = remote.unmount();
        if (!others.isEmpty()) {
            throw new IOException(this + " was unmounted while programs had files open: " + String.join("; ", others));
        }
    }

    @Override
    public void mount() throws IOException {
        if (settings.spec().fileSystem() == FileSystem.NONE) {
            throw new IllegalStateException(this + " has no filesystem; ask for one, for instance with mount = EXT4");
        }
        if (!isMounted()) {
            if (mountPoint != null) {
                Files.createDirectories(mountPoint);
            }
            mountPoint = remote.mount(mountPoint, settings.spec().mountOptions());
        }
    }

    @Override
    public void remount() throws IOException {
        mountPoint();
        refuseWhileOpen("remounted");
        remote.remount();
    }

    @Override
    public void evict() throws IOException {
        Files.writeString(DROP_CACHES, "1");
    }

    /** {@link #evict} with the names and attributes of files too, so that even a question for a name is asked of the disk. */
    public void evictAll() throws IOException {
        Files.writeString(DROP_CACHES, "3");
    }

    @Override
    public String powerCut(String keep) throws IOException {
        String lost = PowerCuts.cycle(this, keep, nextSeed());
        sequence = sequenceNow();
        return lost;
    }

    @Override
    public String powerOff(String keep) {
        return PowerCuts.cut(this, keep, nextSeed());
    }

    /** Takes the power just where a rule holds a request. */
    String powerOffAtBreakpoint() {
        return PowerCuts.cut(this, "none", remote.seed());
    }

    /** Returns the seed of the next power cut; the first has the disk's own. */
    private long nextSeed() {
        return remote.seed() + cuts.getAndIncrement();
    }

    @Override
    public void powerOn() throws IOException {
        remote.powerOnMounted();
        sequence = sequenceNow();
    }

    @Override
    public Unflushed unflushed() {
        List<UnflushedChange> changes = Unchecked.of(remote::unflushed);
        boolean ofFiles = !changes.isEmpty() && isMounted();
        FileMap files = ofFiles ? FileMap.of(mountPoint()) : FileMap.NONE;
        return new Unflushed(changes.stream()
                .map(change -> new Unflushed.Write(change, files.parts(change.sectors())))
                .toList());
    }

    @Override
    public void snapshot(String name) {
        Unchecked.to(() -> remote.snapshot(name));
    }

    @Override
    public void rewind(String name) throws IOException {
        if (isMounted()) {
            refuseWhileOpen("rewound");
        }
        Unchecked.accepted(() -> {
            remote.rewind(name);
            return name;
        });
    }

    @Override
    public ServedFork crashImage(String keep) throws IOException {
        Script.parseKeep(keep);
        ServedFork fork = fork(remote.crashImage(keep, nextSeed()));
        if (settings.spec().fileSystem() != FileSystem.NONE) {
            try {
                fork.mount();
            } catch (IOException e) {
                fork.close();
                throw e;
            }
        }
        return fork;
    }

    @Override
    public void record() {
        recording = Unchecked.of(remote::record);
        observations.recording(true);
    }

    @Override
    public ServedCrashStates crashStates(Sample sample) throws IOException {
        RemoteRecording recorded = recording;
        if (recorded == null) {
            throw new IllegalStateException("nothing was recorded of " + this + "; record() it before the run");
        }
        if (recorded.stop().whole(toString()).changes() == 0) {
            throw new IllegalStateException("nothing has reached " + this
                    + " since record(), so each crash state would be the disk as it was; write, and force it, before"
                    + " crashStates()");
        }
        return crashStates(recorded, sample);
    }

    public ServedCrashStates crashStates(RemoteRecording recorded, Sample sample) throws DiskException {
        observations.recording(false);
        recorded.stop().whole(toString());
        List<SampledState> states = recorded.sampled(sample);
        return new ServedCrashStates(
                recorded, states, () -> fork(recorded.disk(states.get(0).id())));
    }

    private ServedFork fork(RemoteDisk made) {
        ServedFork fork = new ServedFork(this, made);
        forks.add(fork);
        return fork;
    }

    /** Makes a disk of a crash state, which is not mounted. */
    public ServedFork ofCrashState(RemoteRecording recorded, String state) throws DiskException {
        return fork(recorded.disk(state));
    }

    /** Returns the programs that a test has begun on it; they end before it does. */
    public List<DaemonProcess> daemons() {
        return daemons;
    }

    /** Returns the disk behind a handle; that of a property is made if it is not there yet. */
    static DiskHandle of(Disk disk) {
        return disk instanceof LazyDisk lazy ? lazy.served() : (DiskHandle) disk;
    }

    /** @return false if it was forgotten before */
    boolean forget(ServedFork fork) {
        return forks.remove(fork);
    }

    /** Returns the disks that are there still. */
    List<ServedFork> forks() {
        return List.copyOf(forks);
    }

    @Override
    public int mark(String text) {
        return Unchecked.allowed(() -> remote.mark(text));
    }

    @Override
    public List<String> marksAtCut() {
        return Unchecked.allowed(remote::marksAtCut);
    }

    @Override
    public void stopMarksAtCut() {
        Unchecked.to(remote::stopMarksAtCut);
    }

    /** Returns what the extension has noted of it. */
    public Observations observations() {
        return observations;
    }

    @Override
    public ServedFaults faults() {
        return faults;
    }

    @Override
    public DiskStats stats() {
        return Unchecked.of(remote::stats);
    }

    /** Kills what is left of the programs on it; the rules go first, so that none waits for the disk. */
    void endDaemons() {
        if (daemons.stream().anyMatch(DaemonProcess::isAlive)) {
            Unchecked.to(remote.rules()::clear);
        }
        daemons.forEach(DaemonProcess::kill);
        daemons.clear();
    }

    /** Back to the state in which the test got it: contents, rules, counts. */
    void reset() throws IOException {
        faults.nextTry();
        endDaemons();
        recording = null;
        forks().forEach(ServedFork::close);
        if (mountPoint != null && isMounted()) {
            refuseWhileOpen("reset");
        }
        remote.reset();
        observations.begin();
        if (history != null) {
            remote.logWrites(history.file());
        }
    }

    /** Returns where it was mounted when the test got it; null for a raw device. */
    Path firstMountPoint() {
        return mountPoint;
    }

    /** Returns whether the device is there and is still this disk, not another that got its name meanwhile. */
    boolean isThere() {
        return Files.exists(device()) && sequenceNow() == sequence;
    }

    private long sequenceNow() {
        try {
            return Long.parseLong(
                    Files.readString(SYS_BLOCK.resolve(device().getFileName()).resolve("diskseq"))
                            .trim());
        } catch (IOException | NumberFormatException none) {
            return -1;
        }
    }

    /** Returns the log of all that became durable on it; empty if it is not recorded. */
    public Optional<Path> history() {
        return Optional.ofNullable(history).map(History::file);
    }

    /** Deletes the history, when the disk is gone. */
    void forgetHistory() {
        if (history != null) {
            history.close();
        }
    }

    @Override
    public OwnServer server() {
        return server;
    }

    public RemoteDisk remote() {
        return remote;
    }

    public DiskSettings settings() {
        return settings;
    }

    private void refuseWhileOpen(String done) throws IOException {
        refuseWhileOpen(done, mountPoint());
    }

    private void refuseWhileOpen(String done, Path place) throws IOException {
        List<String> open = FileUsers.ofThisProcessUnder(place);
        if (!open.isEmpty()) {
            throw new IOException(this + " cannot be " + done + " while files on it are open: "
                    + String.join("; ", open) + ". Close them first.");
        }
    }

    @Override
    public String toString() {
        FileSystem fileSystem = settings.spec().fileSystem();
        return "disk " + device() + " ("
                + ByteSize.print(remote.sizeBytes())
                + (fileSystem == FileSystem.NONE ? ", raw" : ", " + fileSystem.word() + " on " + mountPoint)
                + ", " + settings.place() + ")";
    }
}
