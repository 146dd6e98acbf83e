package io.ublkdisk.control;

import io.ublkdisk.protocol.Command;
import io.ublkdisk.protocol.EventCommand;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.LifeCommand;
import io.ublkdisk.protocol.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A disk of a server as its client reaches it: what it is called, how it is asked, and how it ends. Thread safe. */
abstract class DiskConnection {
    private static final Duration LONG = ServerConnection.LONG_CALL_LIMIT;

    private volatile ServerConnection server;
    private volatile LineChannel owner;
    private volatile DiskInfo created;
    private volatile Path mountPoint;
    private volatile boolean deleted;
    /** Why it is gone, as a later use of it is told; null for no reason in particular. */
    private volatile String ending;

    DiskConnection(ServerConnection server, LineChannel owner, DiskInfo created) {
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

    /** Asks the server for the disk as it is now. */
    public DiskInfo info() throws DiskException {
        return DiskInfo.parse(call(new LifeCommand.Info(target())).disks().get(0));
    }

    /** Returns where it is mounted; empty if it is not. */
    public Optional<Path> mountPoint() {
        return Optional.ofNullable(mountPoint);
    }

    /**
     * Takes it down: rules away, held requests released, unmounted (cut off from what is still open), stopped, deleted.
     * Callable again; afterwards there is no disk.
     *
     * @return what was left open, one line each; empty when all was well
     */
    public List<String> delete() throws DiskException {
        return deleted ? List.of() : ended(new LifeCommand.Delete(target(), true));
    }

    /**
     * Deletes as {@link #delete} does, but of a mounted disk that no process uses, it returns as soon as it is unmounted, and the device goes
     * while the caller goes on. Who has the device open, and no file on it, is then not told of.
     */
    public List<String> retire() throws DiskException {
        return deleted || !isOwned() ? delete() : ended(new LifeCommand.Retire(target()));
    }

    private List<String> ended(Command<Reply.Texts> command) throws DiskException {
        List<String> leaks = patientCall(LONG, command).values();
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
        patientCall(LONG, new LifeCommand.Quiesce(target()));
        deleted = true;
        if (owner != null) {
            server.disown(owner);
        }
    }

    /**
     * Has that server serve it whose own is gone, see {@link ServerConnection#recover}; this object goes on with the new one.
     */
    public void recoverOn(ServerConnection other) throws DiskException {
        DiskConnection recovered = other.recover(name(), owner != null);
        server = other;
        owner = recovered.owner;
        created = recovered.created;
        mountPoint = recovered.mountPoint;
        deleted = false;
    }

    /** Deletes as {@link #delete} does; a mount of the disk is an error. */
    public void deleteUnused() throws DiskException {
        patientCall(LONG, new LifeCommand.Delete(target(), false));
        deleted = true;
    }

    @Override
    public String toString() {
        return name() + " (" + device() + ", " + ByteSize.print(sizeBytes()) + ")";
    }

    Path mounted(Reply.MountedAt reply) {
        mountPoint = reply.where().orElse(null);
        return mountPoint;
    }

    void became(KeyValues fields) {
        created = DiskInfo.parse(fields);
        mountPoint = created.mountPoint().orElse(null);
    }

    /** Returns whether it ends with its connection; what is made of it lives as long. */
    boolean isOwned() {
        return owner != null;
    }

    /** Returns a new disk, which lives as long as this one. */
    RemoteDisk made(Command<Reply.Disk> command) throws DiskException {
        return server.made(command, isOwned());
    }

    Optional<Path> shows(Reply.MountedAt reply) {
        return Optional.ofNullable(mounted(reply));
    }

    <R extends Reply> R longCall(Command<R> command) throws DiskException {
        return server.call(command, LONG, false);
    }

    <R extends Reply> R call(Command<R> command) throws DiskException {
        return server.call(command);
    }

    /** Does one that an interrupt does not end. */
    <R extends Reply> R patientCall(Duration limit, Command<R> command) throws DiskException {
        return server.call(command, limit, true);
    }

    <R extends Reply> R callWithin(Duration limit, Command<R> command) throws DiskException {
        return server.call(command, limit, false);
    }

    JournalFollower follow(EventCommand.Follow command, JournalFollower.Sink sink) throws DiskException {
        return server.follow(command, sink);
    }

    /** Returns what means this disk in a command. @throws DiskEndedException if it has been deleted */
    String target() throws DiskException {
        if (deleted) {
            throw new DiskEndedException(ending == null ? this + " has been deleted" : ending);
        }
        return handle();
    }

    String handle() {
        return created.handle();
    }
}
