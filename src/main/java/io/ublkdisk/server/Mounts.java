package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.mount.BlockDevice;
import io.ublkdisk.server.mount.CrashStateMount;
import io.ublkdisk.server.mount.Fsck;
import io.ublkdisk.server.mount.MountNamespace;
import io.ublkdisk.server.mount.MountTable;
import io.ublkdisk.server.mount.MountUsers;
import io.ublkdisk.server.mount.Mounted;
import io.ublkdisk.server.mount.Templates;
import io.ublkdisk.server.process.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a server has mounted from a disk: its filesystem, for as long as its client likes, or on a {@link CrashStateMount} one
 * crash state after the other. The first methods take the disk's lock; the methods that say so are for a caller that has it.
 */
public final class Mounts {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PULL_LIMIT = Duration.ofSeconds(2);

    private final ServedDisk disk;
    private final DiskSpec spec;
    private final DeviceAttachment attachment;
    private final DiskLock lock;
    private volatile Mounted mounted;
    /** How it was mounted last, also while it is not. */
    private Mounted home;
    /** Not null as long as it shows crash states. */
    private CrashStateMount crashStateMount;
    /** Of the client that has mounted it last; null if none has. */
    private MountNamespace namespace;

    Mounts(ServedDisk disk, DiskSpec spec, DeviceAttachment attachment, DiskLock lock) {
        this.disk = disk;
        this.spec = spec;
        this.attachment = attachment;
        this.lock = lock;
    }

    /** Prepares a mount for that client, before a client has the disk. It takes no longer than {@code mount} itself then. */
    void expect(long clientPid) throws DiskException {
        namespace(clientPid).shell();
    }

    private MountNamespace namespace(long clientPid) {
        if (namespace == null || !namespace.isOf(clientPid)) {
            endNamespace();
            namespace = new MountNamespace(clientPid);
        }
        return namespace;
    }

    private void endNamespace() {
        if (namespace != null) {
            namespace.close();
            namespace = null;
        }
    }

    private Path device() {
        return attachment.device().path();
    }

    /** Returns where it is mounted; nowhere if its client has unmounted it by hand. */
    Optional<Path> where() {
        return Optional.ofNullable(mounted).filter(Mounted::isThere).map(Mounted::where);
    }

    /** @param where empty: a folder that is made for it */
    public Optional<Path> mount(long clientPid, Optional<Path> where, String options, Path defaultFolder)
            throws IOException {
        FileSystem fs = spec.fileSystem();
        if (fs == FileSystem.NONE) {
            throw new DiskException(
                    disk + " was made without a filesystem, so there is none to mount; say which one when"
                            + " it is created, or run mkfs and mount on " + device());
        }
        return lock.take(() -> {
            if (mounted != null && mounted.isThere()) {
                throw new DiskException(disk + " is mounted on " + mounted.where() + " already; unmount it first");
            }
            leaveCrashStateMount();
            Path at = where.orElse(defaultFolder.resolve("ublkb" + disk.id()));
            home = Mounted.mount(
                    device(), fs.word(), defaultFolder, namespace(clientPid), at, Templates.mountOptions(fs, options));
            mounted = home;
            return Optional.of(at);
        });
    }

    /** @return who used it, one line each */
    public List<String> unmount() throws IOException {
        return lock.take(() -> {
            leaveCrashStateMount();
            return takeOff(LIMIT, () -> {});
        });
    }

    public Optional<Path> remount() throws IOException {
        return lock.take(() -> {
            if (mounted == null) {
                throw new DiskException(disk + " is not mounted; mount it first");
            }
            mounted.unmount(LIMIT);
            mounted = mounted.again();
            return Optional.of(mounted.where());
        });
    }

    /** Takes it off if it shows a crash state, and looks whether its filesystem is whole. @return what is wrong */
    public Optional<String> check() throws IOException {
        return lock.take(() -> {
            if (crashStateMount != null) {
                return crashStateMount.check();
            }
            refuseWhileMounted();
            Tool check = Tool.start(Fsck.command(spec.fileSystem(), device()));
            if (!check.await(LIMIT)) {
                check.kill();
                throw new DiskException(check + " takes longer than " + LIMIT.toSeconds() + " s");
            }
            return check.succeeded() ? Optional.empty() : Optional.of(check.said());
        });
    }

    public void refuseWhileMounted() throws DiskException {
        for (MountTable.Mount mount : MountTable.everywhere(device())) {
            throw new DiskException(
                    disk + " is mounted on " + mount.where() + "; unmount it first: umount " + mount.where());
        }
    }

    /** Adopts what that client has mounted from the device already, from the time of another server. */
    void adopt(long clientPid, Path defaultFolder) {
        MountTable.of(clientPid, device()).stream().findFirst().ifPresent(found -> {
            FileSystem fs = spec.fileSystem();
            mounted = Mounted.adopted(
                    device(),
                    fs.word(),
                    defaultFolder,
                    namespace(clientPid),
                    found.where(),
                    Templates.mountOptions(fs, spec.mountOptions()));
            home = mounted;
        });
    }

    /** Forgets our mount, which stays. Under the disk's lock. */
    void leave() throws IOException {
        leaveCrashStateMount();
        mounted = null;
    }

    /** Unmounts the disk, so that other bytes can come. Under the disk's lock. @return whether it was mounted */
    boolean clear() throws IOException {
        leaveCrashStateMount();
        boolean wasMounted = where().isPresent();
        if (mounted != null) {
            mounted.unmount(LIMIT);
        }
        refuseWhileMounted();
        return wasMounted;
    }

    /** Mounts the disk as it was, or does not. Under the disk's lock, after {@link #clear}. */
    Optional<Path> again(boolean wanted) throws IOException {
        mounted = wanted ? mounted.again() : null;
        return where(mounted);
    }

    /** Mounts the disk as it was when it was made, if it was. Under the disk's lock, after {@link #clear}. */
    Optional<Path> asAtFirst() throws IOException {
        mounted = home != null && spec.mounted() ? home.again() : null;
        return where(mounted);
    }

    /** Returns where crash states are mounted, with nothing mounted from the disk. Under the disk's lock. */
    CrashStateMount crashStateMount(long clientPid, Path where, String options) throws IOException {
        if (crashStateMount == null) {
            if (mounted != null) {
                mounted.unmount(LIMIT);
                mounted = null;
            }
            refuseWhileMounted();
            BlockDevice.forgetCached(device());
            crashStateMount = new CrashStateMount(device(), spec.fileSystem(), namespace(clientPid), where, options);
        }
        crashStateMount.clear();
        return crashStateMount;
    }

    /**
     * Gives the power back, and mounts again what was mounted, by a kernel that has forgotten what it had not written. As long as
     * files on it are open the kernel does not forget, so the drive is moved to another device then. Under the disk's lock,
     * without power.
     *
     * @param clientPid the process whose open files count before all others
     */
    void powerOn(Drive drive, long clientPid) throws IOException {
        Optional<Path> place = where();
        boolean inUse = place.map(folder -> MountUsers.isUsedBy(clientPid, folder))
                .orElseGet(() -> MountUsers.isOpenIn(clientPid, device()));
        if (inUse) {
            move(drive);
            return;
        }
        try {
            if (place.isPresent()) {
                leaveCrashStateMount();
                if (!takeOff(LIMIT, () -> {}).isEmpty()) {
                    move(drive, true);
                    return;
                }
            }
            BlockDevice.dropCached(device());
        } finally {
            drive.cache().powerOn();
        }
        mounted = place.isPresent() ? home.again() : null;
    }

    /** Moves the drive to another device, and mounts from there what was mounted. Under the disk's lock. */
    void move(Drive drive) throws IOException {
        leaveCrashStateMount();
        move(drive, where().isPresent());
    }

    private void move(Drive drive, boolean again) throws IOException {
        attachment.pullOut();
        Mounted.takeOff(device(), PULL_LIMIT, () -> {});
        drive.cache().powerOn();
        attachment.plugIn(drive);
        mounted = again ? home.again(device()) : null;
        home = again ? mounted : home;
    }

    /**
     * Unmounts the disk everywhere, in all mount namespaces. Under the disk's lock.
     *
     * @param urge as {@link Mounted#takeOff} has it
     * @return who used it, one line each
     */
    List<String> takeOff(Duration limit, Runnable urge) throws DiskException {
        List<String> found = Mounted.takeOff(device(), limit, urge);
        forget();
        return found;
    }

    /**
     * Unmounts the disk, if we have mounted it and no process uses it. Under the disk's lock.
     *
     * @return false if a process does, or it hangs
     */
    boolean letGo(Duration limit) {
        try {
            leaveCrashStateMount();
            if (mounted != null) {
                mounted.unmount(limit);
                mounted = null;
            }
            return true;
        } catch (IOException e) {
            Log.debug(disk + " is not let go: " + e.getMessage());
            return false;
        }
    }

    /** Forgets all mounts: nothing is mounted any more. Under the disk's lock. */
    void forget() {
        if (mounted != null) {
            mounted.forgetFolder();
            mounted = null;
        }
    }

    /** Takes away what mounting needed, whatever is still mounted there. */
    void close() {
        if (crashStateMount != null) {
            crashStateMount.close();
        }
        endNamespace();
    }

    private void leaveCrashStateMount() throws IOException {
        if (crashStateMount != null) {
            CrashStateMount was = crashStateMount;
            crashStateMount = null;
            was.end();
        }
    }

    private static Optional<Path> where(Mounted mounted) {
        return Optional.ofNullable(mounted).map(Mounted::where);
    }
}
