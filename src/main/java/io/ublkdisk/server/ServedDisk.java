package io.ublkdisk.server;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Sectors;
import io.ublkdisk.cache.Change;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.disk.AtRestCorruption;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.media.CorruptionPattern;
import io.ublkdisk.protocol.DiskStats;
import io.ublkdisk.protocol.UnflushedChange;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.log.JournalWriter;
import io.ublkdisk.server.log.Marks;
import io.ublkdisk.server.recovery.RecoveryRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A drive on a device, with its name, power and journal. What belongs to it has classes of its own: its {@link #rules}, its
 * {@link #mounts}, the {@link #contents} that it can go back to, what is {@link #recorded} of it.
 *
 * <p><b>Threads.</b> Any. Mounting and unmounting take its {@link DiskLock}. Rules do not, because a rule that holds a
 * request may be what the others wait for. To take the disk down is always possible: {@link Teardown}.
 */
public final class ServedDisk {
    private final DiskSpec spec;
    private final long serial;
    private final long seed;
    private final Optional<Path> media;
    private final Drive drive;
    private final DeviceAttachment attachment;
    private final FilesInUse.OfDisk files;
    private final DiskLock lock = new DiskLock(this);
    private final DiskRules rules;
    private final JournalWriter journalWriter;
    private final Marks marks;
    private final ActiveRecording recorded;
    private final Mounts mounts;
    private final DiskSnapshots contents;
    private final Teardown takeDown;
    private volatile boolean leaving;

    /** Takes a running device whose drive has its first contents and no rules yet. */
    ServedDisk(
            long serial,
            RecoveryRecord record,
            Script script,
            Drive drive,
            DeviceAttachment attachment,
            FilesInUse.OfDisk files)
            throws IOException {
        this.files = files;
        this.serial = serial;
        this.spec = record.spec();
        this.seed = record.seed();
        this.media = record.media();
        this.drive = drive;
        this.attachment = attachment;
        this.mounts = new Mounts(this, spec, attachment, lock);
        this.journalWriter = new JournalWriter(drive, device().toString(), spec.journalRequests());
        this.marks = new Marks(drive);
        this.recorded = new ActiveRecording(this, drive);
        if (spec.logWrites().isPresent()) {
            Path file = spec.logWrites().get();
            recorded.logTo(file, file);
        }
        if (spec.journalFile().isPresent()) {
            journalTo(spec.journalFile().get());
        }
        this.rules =
                new DiskRules(this::toString, drive, () -> attachment.device().expireTimers(), script);
        this.contents = new DiskSnapshots(this, spec, drive, mounts, lock);
        this.takeDown = new Teardown(this, drive, attachment, lock, journalWriter);
    }

    private void journalTo(Path file) throws DiskException {
        try {
            journalWriter.alsoTo(
                    file, info().fields().put("log-writes", spec.logWrites().orElse(null)));
        } catch (IOException e) {
            recorded.close();
            throw new DiskException(
                    "the journal of " + this + " cannot be begun in " + file + ": " + IoErrorText.ofWriting(e), e);
        }
    }

    String name() {
        return spec.name().orElse("ublkb" + id());
    }

    int id() {
        return attachment.device().id();
    }

    /** Returns the block device; another one after {@link #replug}. */
    Path device() {
        return attachment.device().path();
    }

    /** @param word its name, its number, the path of its device, or its {@link DiskInfo#handle} */
    boolean isCalled(String word) {
        int hash = word.indexOf('#');
        if (hash >= 0) {
            return word.substring(hash + 1).equals(Long.toString(serial));
        }
        return word.equals(name()) || word.equals(Integer.toString(id())) || word.equals(device().toString());
    }

    public DiskInfo info() {
        return new DiskInfo(
                id(),
                serial,
                name(),
                device(),
                drive.sizeBytes(),
                spec.queues(),
                spec.queueDepth(),
                spec.logicalBlockSizeBytes(),
                spec.fileSystem(),
                seed,
                ProcessHandle.current().pid(),
                mounts.where());
    }

    DiskSpec spec() {
        return spec;
    }

    /** Returns the file of its own that its bytes are in, to be deleted after it. */
    Optional<Path> media() {
        return media;
    }

    /** Returns the files that it writes; to be given back after it. */
    public FilesInUse.OfDisk files() {
        return files;
    }

    /** Returns what goes wrong with it; takes no lock. */
    public DiskRules rules() {
        return rules;
    }

    public Journal journal() {
        return journalWriter.journal();
    }

    public ActiveRecording recorded() {
        return recorded;
    }

    public Mounts mounts() {
        return mounts;
    }

    public DiskSnapshots contents() {
        return contents;
    }

    public DiskStats stats() {
        return RequestCounts.of(drive, attachment.device(), journal().ageNanos());
    }

    /** Returns what a power cut now could take, the oldest first. */
    public List<UnflushedChange> unflushed() {
        return drive.cache().unflushed().stream().map(ServedDisk::wire).toList();
    }

    /** Returns a change as the protocol tells it. */
    public static UnflushedChange wire(Change change) {
        return new UnflushedChange(change.sequence(), change.operation(), change.sectors());
    }

    /**
     * Sets a mark: in the journal, in what is recorded, and for the script.
     *
     * @return how many steps of scripts had waited for it
     * @throws DiskException if it comes after a power cut and is refused
     */
    public int mark(String text) throws DiskException {
        marks.set(text, () -> {
            journal().event(Entry.Kind.MARK, text);
            recorded.mark(text);
        });
        return rules.mark(text);
    }

    /** Returns the marks that it was given. */
    public Marks marks() {
        return marks;
    }

    /** @return which bytes changed, in words */
    public String damage(long offsetBytes, long lengthBytes, CorruptionPattern pattern, OptionalLong with) {
        String changed = new AtRestCorruption(drive).damage(offsetBytes, lengthBytes, pattern, with.orElse(seed));
        long first = offsetBytes >> Sectors.SHIFT;
        long last = (offsetBytes + lengthBytes - 1) >> Sectors.SHIFT;
        int count = (int) Math.min(Integer.MAX_VALUE, last - first + 1);
        journal().event(Entry.Kind.DAMAGE, first, count, pattern.word() + ": " + changed);
        return changed;
    }

    /** Takes the power; what is unflushed is lost but for what survives. */
    public PowerCut powerCut(SurvivalPolicy policy) throws DiskException {
        if (!drive.cache().isPowered()) {
            throw new DiskException(this + " has no power already; switch it on first: ublkdisk power-on " + name());
        }
        return drive.powerCut(policy);
    }

    public void powerOn() {
        drive.cache().powerOn();
    }

    /** Returns whether it has power. */
    public boolean isPowered() {
        return drive.cache().isPowered();
    }

    /**
     * Gives the power back as a machine does that starts again: what was mounted is unmounted first, what the kernel has not
     * written is forgotten, and it is mounted again at the same place. If files on it are open it becomes another device, see
     * {@link #replug}. Does nothing if it has power.
     *
     * @param clientPid the process whose open files count
     * @throws DiskException if it cannot be mounted again; it has power then
     */
    public void powerOnMounted(long clientPid) throws IOException {
        lock.take(() -> {
            if (!drive.cache().isPowered()) {
                mounts.powerOn(drive, clientPid);
            }
            return true;
        });
    }

    /** Returns what a power cut now would leave; to be closed. */
    public Snapshot crashImage(SurvivalPolicy policy) {
        try (Drive image = drive.crashImage(policy)) {
            return image.snapshot();
        }
    }

    /**
     * Gives the power back, under programs that have files open, to another device with another number; mounted where the old
     * one was, if that was mounted. What is open stays so, and fails. See {@link DeviceAttachment}.
     */
    public void replug() throws IOException {
        lock.take(() -> {
            if (drive.cache().isPowered()) {
                throw new DiskException(this + " has power; cut it first");
            }
            mounts.move(drive);
            return true;
        });
    }

    /**
     * Ends serving it and leaves its device there, for another server: what is mounted stays so, and waits. Requests in flight
     * end first, what rules hold among them.
     */
    void handBack() throws IOException {
        if (spec.recovery() == Recovery.NONE || !attachment.canHandBack()) {
            throw new DiskException(this + " cannot be quiesced: that needs "
                    + (spec.recovery() == Recovery.NONE
                            ? "a disk that was made with recovery"
                            : "Linux 6.16 or newer; end its server instead, and recover it"));
        }
        rules.end();
        drive.link().endHolds();
        lock.take(() -> {
            mounts.leave();
            recorded.close();
            contents.close();
            attachment.handBack();
            lock.end();
            return true;
        });
        journalWriter.close();
    }

    /** Begins the teardown as {@link Teardown#begin} does; if all is well the disk has no owner any more. */
    boolean leave(Duration patience) {
        leaving = takeDown.begin(patience);
        return leaving;
    }

    boolean isLeaving() {
        return leaving;
    }

    boolean isRunning() {
        return attachment.device().isRunning();
    }

    /** Deletes the disk as {@link Teardown#run} does. */
    List<String> delete(Duration patience, boolean unmounting) {
        return takeDown.run(patience, unmounting);
    }

    @Override
    public String toString() {
        return "disk " + name() + " (" + device() + ")";
    }
}
