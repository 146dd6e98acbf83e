package io.ublkdisk.control;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.ContentsCommand;
import io.ublkdisk.protocol.CrashCommand;
import io.ublkdisk.protocol.DiskStats;
import io.ublkdisk.protocol.EventCommand;
import io.ublkdisk.protocol.JournalFields;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.LifeCommand;
import io.ublkdisk.protocol.LogSummary;
import io.ublkdisk.protocol.MountCommand;
import io.ublkdisk.protocol.PowerCommand;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.protocol.UnflushedChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * A disk as its client sees it. Thread safe. Every method asks the server, has a bound, and throws {@link
 * ServerDiedException} when the server is gone.
 */
public final class RemoteDisk extends DiskConnection {
    private static final Duration LONG = ServerConnection.LONG_CALL_LIMIT;

    private final RemoteRules rules = new RemoteRules(this);

    RemoteDisk(ServerConnection server, LineChannel owner, DiskInfo created) {
        super(server, owner, created);
    }

    /** Returns the rules in force on it. */
    public RemoteRules rules() {
        return rules;
    }

    /**
     * Sets a mark, for the lines {@code at mark "…"} of its scripts.
     *
     * @return how many of them had waited for it, and have been done
     */
    public int mark(String text) throws DiskException {
        return (int) call(new EventCommand.SetMark(target(), text)).value();
    }

    /**
     * Returns the marks that were set before the power was cut last, the oldest first; of more than 100,000 the newest.
     *
     * @throws DiskException if it has not been cut
     */
    public List<String> marksAtCut() throws DiskException {
        return call(new EventCommand.MarksAtCut(target())).values();
    }

    /** Has marks refused from the next power cut on, also when the power is back; until this is called again. */
    public void stopMarksAtCut() throws DiskException {
        call(new EventCommand.StopMarks(target()));
    }

    /**
     * Returns what happened so far, the oldest first: the last requests that have ended, as many as the disk {@linkplain
     * DiskSpec#journalRequests keeps}, and the last faults, marks and power cuts, of which there may be 4,096 beside them.
     */
    public List<Entry> journal() throws DiskException {
        return call(new EventCommand.ReadJournal(target(), false)).entries();
    }

    /** Returns the journal as {@link #journal()} does, without the requests. */
    public List<Entry> journalOfEvents() throws DiskException {
        return call(new EventCommand.ReadJournal(target(), true)).entries();
    }

    /** Returns the last faults, the oldest first; the journal keeps 4,096 events. */
    public List<FaultEvent> faults() throws DiskException {
        return journalOfEvents().stream()
                .filter(entry -> entry.kind() == Entry.Kind.FAULT)
                .map(entry -> FaultEvent.of(entry, 0))
                .toList();
    }

    /**
     * Tells of each fault from now on: of every request that arrives when this has returned. In the order in which they happen,
     * on one daemon thread, after the fact: no request waits for the listener. One that is slower than the faults for long
     * loses the oldest, beyond 4,096 of them, and is told with the next how many: {@link FaultEvent#lostBefore}.
     *
     * @param listener what it throws ends it
     * @return to be closed when the events are not needed any more; the end of the disk ends it too
     */
    public JournalFollower onFault(Consumer<FaultEvent> listener) throws DiskException {
        return follow(true, (entry, lostBefore) -> {
            if (entry.kind() == Entry.Kind.FAULT) {
                listener.accept(FaultEvent.of(entry, lostBefore));
            }
        });
    }

    /**
     * Tells of all that is journaled from now on.
     *
     * @param eventsOnly without the requests
     * @param listener as of {@link #onFault}; its number is that of the entries that it lost before this one
     */
    public JournalFollower follow(boolean eventsOnly, ObjLongConsumer<Entry> listener) throws DiskException {
        return follow(
                new EventCommand.Follow(target(), eventsOnly),
                (words, lostBefore) -> listener.accept(JournalFields.parse(KeyValues.parse(words)), lostBefore));
    }

    /** Returns what the disk was asked and did so far. */
    public DiskStats stats() throws DiskException {
        return call(new LifeCommand.Stats(target())).stats();
    }

    /** Returns what a power cut now could take, the oldest first. */
    public List<UnflushedChange> unflushed() throws DiskException {
        return call(new PowerCommand.ListUnflushed(target())).changes();
    }

    /** Mounts it where the server chooses. */
    public Path mount() throws DiskException {
        return mount(null, "");
    }

    /**
     * Mounts it in the mount namespace of this process.
     *
     * @param where null: the server makes a folder, and takes it away when it unmounts
     * @param options as {@code mount -o} takes them
     */
    public Path mount(Path where, String options) throws DiskException {
        return mounted(longCall(new MountCommand.Mount(target(), Optional.ofNullable(where), options)));
    }

    /**
     * Unmounts it; afterwards nothing is mounted. What was still open is cut off from it.
     *
     * @return who still had files open, one line each; empty when all was well
     */
    public List<String> unmount() throws DiskException {
        List<String> leaks =
                patientCall(LONG, new MountCommand.Unmount(target())).values();
        mounted(new Reply.MountedAt(Optional.empty()));
        return leaks;
    }

    /** Unmounts it and mounts it again at the same place with the same options: what was written must still be there. */
    public void remount() throws DiskException {
        mounted(longCall(new MountCommand.Remount(target())));
    }

    /**
     * Makes it what it was when it was created, contents and rules, in a moment however large it is: unmounted, set back to
     * the snapshot that was taken then, and mounted again if it was then.
     */
    public void reset() throws DiskException {
        mounted(longCall(new ContentsCommand.Reset(target())));
    }

    /**
     * Takes its power: from now on every request fails, and what is unflushed is lost, but for what survives. Nothing is
     * told to the kernel, so a filesystem finds out by itself.
     *
     * @param keep what survives: {@code none}, {@code all}, {@code random P}, each with probability P, {@code first N}, the
     *     oldest, or {@code only N..N,N}, by number; each
     *     but the first also with {@code torn} behind it: of each write only its first sectors
     * @param seed what that chance comes from
     * @return what was lost, in words
     */
    public String powerCut(String keep, long seed) throws DiskException {
        return cutPower(keep, seed).text();
    }

    /** Does the same as {@link #powerCut}, and returns which changes it took. */
    public Report.Cut cutPower(String keep, long seed) throws DiskException {
        return call(new PowerCommand.PowerCut(target(), keep, seed));
    }

    /** Gives the power back; does nothing if it was on. */
    public void powerOn() throws DiskException {
        call(new PowerCommand.PowerOn(target(), false));
    }

    /**
     * Gives the power back as a machine does that starts again: the filesystem is unmounted, what the kernel has not written is
     * forgotten, and the filesystem is mounted again at the same place, with the same options. If files on it are open it
     * becomes another device, as {@link #replug} says. Does nothing if it has power.
     *
     * @throws DiskException if it cannot be mounted again; it has power then
     */
    public void powerOnMounted() throws DiskException {
        try {
            became(longCall(new PowerCommand.PowerOn(target(), true)).fields());
        } catch (ServerDiedException | DiskEndedException gone) {
            throw gone;
        } catch (DiskException e) {
            mounted(new Reply.MountedAt(info().mountPoint()));
            throw e;
        }
    }

    /**
     * Takes the power, and gives it back as {@link #powerOnMounted} does: one call.
     *
     * @param keep what survives, as for {@link #powerCut}
     * @param off how long the power stays off, up to ten minutes
     * @return what was lost; and, if it could not be mounted again, why
     */
    public Report.Cycle powerCycle(String keep, long seed, Duration off) throws DiskException {
        Report.Cycle cycle = callWithin(LONG.plus(off), new PowerCommand.PowerCycle(target(), keep, seed, off));
        became(cycle.disk());
        return cycle;
    }

    /**
     * Damages bytes at rest, while programs use the disk and without a request: bit rot that has happened. Durable at once; a
     * write of the sector or {@link #rewind} takes it away. What the kernel has cached stays as it is: a reader has to come
     * past the page cache to see it.
     *
     * @param with {@code flip}, one bit of each sector in the range, {@code zero}, or {@code garbage}
     * @param seed which bits, which noise; empty: by the disk's own
     * @return which bytes changed, in words
     * @throws DiskException if the range goes past the end of the disk
     */
    public String damage(long offsetBytes, long lengthBytes, String with, OptionalLong seed) throws DiskException {
        return longCall(new ContentsCommand.Damage(target(), offsetBytes, lengthBytes, with, seed))
                .value();
    }

    /**
     * Keeps all that happens to it from now on, so that there are crash states of it. What was recorded before is forgotten.
     */
    public RemoteRecording record() throws DiskException {
        call(new CrashCommand.StartRecording(target()));
        return new RemoteRecording(this);
    }

    /** Returns the recording that was begun last, here or elsewhere. */
    public RemoteRecording recording() {
        return new RemoteRecording(this);
    }

    /**
     * Logs from now on what becomes durable, in that file, after what the disk has now; see {@link
     * DiskSpec.Builder#logWrites}. Marks are in it too. Another log that was begun is ended.
     *
     * @param file where the server is to write it, from the root folder; begun anew
     */
    public void logWrites(Path file) throws DiskException {
        call(new ContentsCommand.LogWrites(target(), file));
    }

    /** Ends that log. What is not durable yet is in it, as if it had been written back. */
    public LogSummary endLogWrites() throws DiskException {
        return longCall(new ContentsCommand.EndLogWrites(target())).summary();
    }

    /**
     * Writes into a log of dm-log-writes how the disk began, up to the mark {@code ublkdisk-start}, and then what makes it what
     * reads see now.
     *
     * @return the SHA-256 of what is not zeroes now: of each such page of 4 KiB its place in bytes (big-endian, 64 bits) and
     *     its bytes
     */
    public String save(Path file) throws DiskException {
        return longCall(new ContentsCommand.Save(target(), file)).value();
    }

    /**
     * Returns a new disk that is what a power cut at this moment would leave; this one goes on. It has the filesystem of this
     * one, is not mounted, and has no rules.
     *
     * @param keep what survives, as for {@link #powerCut}
     */
    public RemoteDisk crashImage(String keep, long seed) throws DiskException {
        return made(new CrashCommand.MakeImage(target(), keep, seed, Optional.empty(), isOwned()));
    }

    /** Shows a crash image as {@link #crashImage} makes it, on an existing disk, as {@link RemoteRecording#show} does; many times faster. */
    public Optional<Path> showCrashImage(String keep, long seed, RemoteDisk on, boolean mounted) throws DiskException {
        return on.shows(longCall(new CrashCommand.ShowImage(target(), on.handle(), keep, seed, mounted, "")));
    }

    /**
     * Has the filesystem of this disk checked (fsck, which changes nothing); a disk that shows a crash state is unmounted for
     * it.
     *
     * @return what is wrong; empty if it is clean
     * @throws DiskException if it is mounted otherwise, has no filesystem, or the program is not there
     */
    public Optional<String> check() throws DiskException {
        List<String> wrong =
                longCall(new MountCommand.CheckFilesystem(target())).values();
        mounted(new Reply.MountedAt(Optional.empty()));
        return wrong.stream().findFirst();
    }

    /**
     * Gives its power back while files on it are open, to another device, with another number: {@link #id}, {@link #device}
     * and, if it was not named, {@link #name} are new. It is mounted where it was mounted. The open files stay open, and fail;
     * the old device goes when the last is closed.
     *
     * @throws DiskException if it has power; or if it cannot be mounted
     */
    public void replug() throws DiskException {
        became(longCall(new PowerCommand.Replug(target())).fields());
    }

    /** Keeps its bytes under a name, at once however large it is; an earlier snapshot of that name is forgotten. */
    public void snapshot(String name) throws DiskException {
        call(new ContentsCommand.TakeSnapshot(target(), name));
    }

    /** Goes back to the bytes of that name; unmounted for it, and mounted again, if the server had mounted it. */
    public void rewind(String name) throws DiskException {
        mounted(longCall(new ContentsCommand.Rewind(target(), name)));
    }
}
