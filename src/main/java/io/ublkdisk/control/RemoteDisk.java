package io.ublkdisk.control;

import io.ublkdisk.journal.Entry;
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
public final class RemoteDisk {
    private static final Duration LONG = ServerConnection.LONG_CALL_LIMIT;

    private final RemoteRules rules = new RemoteRules(this);
    private volatile ServerConnection server;
    private volatile LineChannel owner;
    private volatile DiskInfo created;
    private volatile Path mountPoint;
    private volatile boolean deleted;
    /** Why it is gone, as a later use of it is told; null for no reason in particular. */
    private volatile String ending;

    RemoteDisk(ServerConnection server, LineChannel owner, DiskInfo created) {
        this.server = server;
        this.owner = owner;
        this.created = created;
        this.mountPoint = created.mountPoint().orElse(null);
    }

    /** Returns the kernel's number of the device. */
    public int id() {
        return created.id();
    }

    /** Returns what the disk is called. */
    public String name() {
        return created.name();
    }

    /** {@code /dev/ublkbN}. */
    public Path device() {
        return created.device();
    }

    /** Returns whether that is its name, its number or the path of its device. */
    public boolean isCalled(String word) {
        return created.isCalled(word);
    }

    /** Returns how large it is. */
    public long sizeBytes() {
        return created.sizeBytes();
    }

    /** Returns what all chance of this disk comes from; the same seed and the same requests give the same faults. */
    public long seed() {
        return created.seed();
    }

    /** As it is now, asked from the server. */
    public DiskInfo info() throws DiskException {
        return call("info")
                .each(words -> DiskInfo.parse(KeyValues.parse(words)))
                .get(0);
    }

    /** Returns where it is mounted; empty if it is not. */
    public Optional<Path> mountPoint() {
        return Optional.ofNullable(mountPoint);
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
        return number(textCall("mark", text));
    }

    /**
     * Returns the marks that were set before the power was cut last, the oldest first; of more than 100,000 the newest.
     *
     * @throws DiskException if it has not been cut
     */
    public List<String> marksAtCut() throws DiskException {
        return call("marks-at-cut").each(ProtocolLine::rest);
    }

    /** Has marks refused from the next power cut on, also when the power is back; until this is called again. */
    public void stopMarksAtCut() throws DiskException {
        call("stop-marks");
    }

    static int number(Reply reply) throws DiskException {
        return reply.ok(words -> Integer.parseInt(words.next("a number")));
    }

    /**
     * Returns what happened so far, the oldest first: the last requests that have ended, as many as the disk {@linkplain
     * DiskSpec#journalRequests keeps}, and the last faults, marks and power cuts, of which there may be 4,096 beside them.
     */
    public List<Entry> journal() throws DiskException {
        return call("journal").each(words -> JournalFields.parse(KeyValues.parse(words)));
    }

    /** As {@link #journal()}, without the requests. */
    public List<Entry> journalOfEvents() throws DiskException {
        return call("journal", "events").each(words -> JournalFields.parse(KeyValues.parse(words)));
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
        return server.follow(
                verb("follow") + (eventsOnly ? " events" : ""),
                (words, lostBefore) -> listener.accept(JournalFields.parse(KeyValues.parse(words)), lostBefore));
    }

    /** Returns what the disk was asked and did so far. */
    public DiskStats stats() throws DiskException {
        return call("stats")
                .each(words -> DiskStats.parse(KeyValues.parse(words)))
                .get(0);
    }

    /** Returns what a power cut now could take, the oldest first. */
    public List<UnflushedChange> unflushed() throws DiskException {
        return call("unflushed").each(words -> UnflushedChange.parse(KeyValues.parse(words)));
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
        KeyValues fields = new KeyValues().put("path", where).put("options", options.isEmpty() ? null : options);
        return mounted(server.call(verb("mount") + " " + fields.line(), LONG, false));
    }

    /**
     * Unmounts it; afterwards nothing is mounted. What was still open is cut off from it.
     *
     * @return who still had files open, one line each; empty when all was well
     */
    public List<String> unmount() throws DiskException {
        List<String> leaks = server.call(verb("unmount"), LONG, true).each(ProtocolLine::rest);
        mountPoint = null;
        return leaks;
    }

    /** Unmounts it and mounts it again at the same place with the same options: what was written must still be there. */
    public void remount() throws DiskException {
        mounted(server.call(verb("remount"), LONG, false));
    }

    /**
     * Makes it what it was when it was created, contents and rules, in a moment however large it is: unmounted, set back to
     * the snapshot that was taken then, and mounted again if it was then.
     */
    public void reset() throws DiskException {
        mounted(server.call(verb("reset"), LONG, false));
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

    /**
     * What a power cut took.
     *
     * @param text all of it, in words
     * @param changes the lost and the torn ones, the oldest first; of many thousands the first thousand
     */
    public record Cut(String text, List<UnflushedChange> changes) {}

    /** Does the same as {@link #powerCut}, and returns which changes it took. */
    public Cut cutPower(String keep, long seed) throws DiskException {
        KeyValues fields = new KeyValues().put("keep", keep).put("seed", seed);
        Reply reply = server.call(verb("power-cut") + " " + fields.line(), ServerConnection.CALL_LIMIT, false);
        return new Cut(
                reply.ok(ProtocolLine::rest), reply.each(words -> UnflushedChange.parse(KeyValues.parse(words))));
    }

    /** The power is back; does nothing if it was on. */
    public void powerOn() throws DiskException {
        call("power-on");
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
        KeyValues fields = new KeyValues()
                .put("offset", offsetBytes)
                .put("length", lengthBytes)
                .put("with", with)
                .put("seed", seed.isPresent() ? seed.getAsLong() : null);
        return server.call(verb("damage") + " " + fields.line(), LONG, false).ok(ProtocolLine::rest);
    }

    /**
     * Keeps all that happens to it from now on, so that there are crash states of it. What was recorded before is forgotten.
     */
    public RemoteRecording record() throws DiskException {
        call("record");
        return new RemoteRecording(this);
    }

    /** Returns the recording that was begun last, here or elsewhere. */
    public RemoteRecording recording() {
        return new RemoteRecording(this);
    }

    /**
     * From now on what becomes durable goes into that file, after what the disk has now; see {@link
     * DiskSpec.Builder#logWrites}. Marks are in it too. Another log that was begun is ended.
     *
     * @param file where the server is to write it, from the root folder; begun anew
     */
    public void logWrites(Path file) throws DiskException {
        call("log-writes", file.toString());
    }

    /** Ends that log. What is not durable yet is in it, as if it had been written back. */
    public LogSummary endLogWrites() throws DiskException {
        return longCall("end-log-writes", "").ok(words -> LogSummary.parse(KeyValues.parse(words)));
    }

    /**
     * Writes into a log of dm-log-writes how the disk began, up to the mark {@code ublkdisk-start}, and then what makes it what
     * reads see now.
     *
     * @return the SHA-256 of what is not zeroes now: of each such page of 4 KiB its place in bytes (big-endian, 64 bits) and
     *     its bytes
     */
    public String save(Path file) throws DiskException {
        return longCall("save", ProtocolLine.join(file.toString())).ok(words -> words.next("a hash"));
    }

    /**
     * Returns a new disk that is what a power cut at this moment would leave; this one goes on. It has the filesystem of this
     * one, is not mounted, and has no rules.
     *
     * @param keep what survives, as for {@link #powerCut}
     */
    public RemoteDisk crashImage(String keep, long seed) throws DiskException {
        return made(
                "crash-image",
                new KeyValues().put("keep", keep).put("seed", seed).line());
    }

    /** As {@link #crashImage}, but on a disk that is there, as {@link RemoteRecording#show} does; many times faster. */
    public Optional<Path> showCrashImage(String keep, long seed, RemoteDisk on, boolean mounted) throws DiskException {
        KeyValues fields = new KeyValues().put("keep", keep).put("seed", seed).put("mount", mounted);
        return on.shows(longCall("show-image", on.handle() + " " + fields.line()));
    }

    /**
     * Has the filesystem of this disk checked (fsck, which changes nothing); a disk that shows a crash state is unmounted for
     * it.
     *
     * @return what is wrong; empty if it is clean
     * @throws DiskException if it is mounted otherwise, has no filesystem, or the program is not there
     */
    public Optional<String> check() throws DiskException {
        List<String> wrong = server.call(verb("check"), LONG, false).each(ProtocolLine::rest);
        mountPoint = null;
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
        created = longCall("replug", "").ok(words -> DiskInfo.parse(KeyValues.parse(words)));
        mountPoint = created.mountPoint().orElse(null);
    }

    /** Keeps its bytes under a name, at once however large it is; an earlier snapshot of that name is forgotten. */
    public void snapshot(String name) throws DiskException {
        call("snapshot", name);
    }

    /** Goes back to the bytes of that name; unmounted for it, and mounted again, if the server had mounted it. */
    public void rewind(String name) throws DiskException {
        mounted(server.call(verb("rewind") + " " + ProtocolLine.join(name), LONG, false));
    }

    /**
     * Takes it down: rules away, held requests released, unmounted (cut off from what is still open), stopped, deleted.
     * Callable again; afterwards there is no disk.
     *
     * @return what was left open, one line each; empty when all was well
     */
    public List<String> delete() throws DiskException {
        return end("delete", " force");
    }

    /**
     * As {@link #delete}, but of a mounted disk that no process uses, it returns as soon as it is unmounted, and the device goes
     * while the caller goes on. Who has the device open, and no file on it, is then not told of.
     */
    public List<String> retire() throws DiskException {
        return owner == null ? delete() : end("retire", "");
    }

    private List<String> end(String verb, String rest) throws DiskException {
        if (deleted) {
            return List.of();
        }
        List<String> leaks = server.call(verb(verb) + rest, LONG, true).each(ProtocolLine::rest);
        deleted = true;
        mountPoint = null;
        if (owner != null) {
            server.disown(owner);
        }
        return leaks;
    }

    /** Says why it is deleted; a later use of it is told that in place of the bare fact. */
    public void explainEnd(String why) {
        ending = why;
    }

    /** Ends serving it and leaves device and mounts to the next server. Needs a disk with recovery, and Linux 6.16. */
    public void quiesce() throws DiskException {
        server.call(verb("quiesce"), LONG, true);
        deleted = true;
        if (owner != null) {
            server.disown(owner);
        }
    }

    /**
     * Has that server serve it whose own is gone, see {@link ServerConnection#recover}; this object goes on with the new one.
     */
    public void recoverOn(ServerConnection other) throws DiskException {
        RemoteDisk recovered = other.recover(name(), owner != null);
        server = other;
        owner = recovered.owner;
        created = recovered.created;
        mountPoint = recovered.mountPoint;
        deleted = false;
    }

    /** As {@link #delete}, unless something is mounted from it, which is then the error. */
    public void deleteUnused() throws DiskException {
        server.call(verb("delete"), LONG, true);
        deleted = true;
    }

    @Override
    public String toString() {
        return name() + " (" + device() + ", " + ByteSize.print(sizeBytes()) + ")";
    }

    private Path mounted(Reply reply) throws DiskException {
        mountPoint = reply.ok(words -> words.hasNext() ? Path.of(words.next("a path")) : null);
        return mountPoint;
    }

    /** Returns a new disk, which lives as long as this one was to: owned by this connection, or by none. */
    RemoteDisk made(String verb, String rest) throws DiskException {
        return server.made(verb(verb) + " " + rest, owner != null);
    }

    Optional<Path> shows(Reply reply) throws DiskException {
        return Optional.ofNullable(mounted(reply));
    }

    Reply longCall(String verb, String rest) throws DiskException {
        return server.call(rest.isEmpty() ? verb(verb) : verb(verb) + " " + rest, LONG, false);
    }

    Reply call(String verb, String... words) throws DiskException {
        String line = words.length == 0 ? verb(verb) : verb(verb) + " " + ProtocolLine.join(words);
        return server.call(line, ServerConnection.CALL_LIMIT, false);
    }

    /** With text that is one word, whatever it contains. */
    Reply textCall(String verb, String text) throws DiskException {
        return server.call(verb(verb) + " " + ProtocolLine.text(text), ServerConnection.CALL_LIMIT, false);
    }

    /** Returns one that an interrupt does not end. */
    Reply patientCall(String verb) throws DiskException {
        return server.call(verb(verb), ServerConnection.CALL_LIMIT, true);
    }

    Reply callWithin(Duration limit, String verb, String rest) throws DiskException {
        return server.call(verb(verb) + " " + rest, limit, false);
    }

    private String verb(String verb) throws DiskException {
        if (deleted) {
            throw new DiskEndedException(ending == null ? this + " has been deleted" : ending);
        }
        return verb + " " + handle();
    }

    String handle() {
        return created.handle();
    }
}
