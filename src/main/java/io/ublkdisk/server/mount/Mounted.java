package io.ublkdisk.server.mount;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A disk mounted in its client's mount namespace, until {@link #unmount} has got it off. Not thread safe. */
public final class Mounted {
    private static final Duration MOUNT_LIMIT = Duration.ofSeconds(60);
    private static final Duration DETACH_LIMIT = Duration.ofSeconds(5);
    private static final int ROUNDS = 3;

    private final Path device;
    private final String type;
    private final Path folder;
    private final MountNamespace namespace;
    private final Path where;
    private final String options;
    private final boolean madeFolder;

    private Mounted(
            Path device,
            String type,
            Path folder,
            MountNamespace namespace,
            Path where,
            String options,
            boolean madeFolder) {
        this.folder = folder;
        this.device = device;
        this.type = type;
        this.namespace = namespace;
        this.where = where;
        this.options = options;
        this.madeFolder = madeFolder;
    }

    /** @param folder where those mount points are that we choose ourselves */
    public static Mounted mount(
            Path device, String type, Path folder, MountNamespace namespace, Path where, String options)
            throws IOException {
        boolean made = namespace.makeFolder(where);
        try {
            namespace.mount(device, where, type, options, MOUNT_LIMIT);
        } catch (DiskException e) {
            if (made) {
                namespace.deleteFolder(where);
            }
            throw e;
        }
        return new Mounted(device, type, folder, namespace, where, options, made);
    }

    /** Returns what another server has mounted. */
    public static Mounted adopted(
            Path device, String type, Path folder, MountNamespace namespace, Path where, String options) {
        return new Mounted(device, type, folder, namespace, where, options, where.startsWith(folder));
    }

    public Path where() {
        return where;
    }

    /** Returns the same again, after it has been unmounted. */
    public Mounted again() throws IOException {
        return again(device);
    }

    /** Returns the same from another device. */
    public Mounted again(Path device) throws IOException {
        Mounted again = mount(device, type, folder, namespace, where, options);
        return new Mounted(device, type, folder, namespace, where, options, madeFolder || again.madeFolder);
    }

    /** Returns whether its client still sees it: a program may have unmounted it by hand. */
    public boolean isThere() {
        return namespace.mounts(device).stream().anyMatch(m -> m.where().equals(where));
    }

    /**
     * Unmounts it properly.
     *
     * @throws DiskException if it is busy, saying who uses it, or hangs
     */
    public void unmount(Duration limit) throws IOException {
        if (isThere()) {
            refuseMountedOver();
            try {
                namespace.unmount(where, limit);
            } catch (DiskException e) {
                if (e.getMessage().contains("busy")) {
                    throw new DiskException(
                            where + " is busy: " + String.join("; ", holders()) + ". Close that first", e);
                }
                throw e;
            }
        }
        forgetFolder();
    }

    /** Unmounting takes the newest mount of a place, which would be another one. */
    private void refuseMountedOver() throws DiskException {
        for (MountTable.Above above : MountTable.over(namespace.pid(), where)) {
            if (above.where().equals(where)) {
                throw new DiskException(
                        where + " is mounted over by " + above.what() + "; take that off first: umount " + where);
            }
        }
    }

    /** Returns who uses it. */
    List<String> holders() {
        return MountUsers.ofMount(namespace.pid(), where);
    }

    /** Deletes the mount point that was made for it. */
    public void forgetFolder() {
        if (!madeFolder) {
            return;
        }
        try {
            if (namespace.isThere()) {
                namespace.deleteFolder(where);
            } else if (where.startsWith(folder)) {
                // With its client's namespace a folder is gone; but one that we chose is on the machine's own files.
                Files.deleteIfExists(where);
            }
        } catch (IOException e) {
            Log.say("the mount point " + where + " stays behind: " + e);
        }
    }

    /**
     * Gets a device off every mount namespace it is mounted in, also by others: properly within that limit, and out of
     * sight where that is not possible.
     *
     * @param urge called when the limit is over and something hangs; must see to it that no request is left waiting
     * @return who was using it, one line each
     */
    public static List<String> takeOff(Path device, Duration limit, Runnable urge) throws DiskException {
        Set<String> leaks = new LinkedHashSet<>();
        List<MountTable.Mount> mounts = MountTable.everywhere(device);
        // Again, because the process through which a namespace was entered may have ended meanwhile.
        for (int round = 0; round < ROUNDS && !mounts.isEmpty(); round++) {
            for (MountTable.Mount mount : mounts) {
                leaks.addAll(takeOff(mount, limit, urge));
            }
            mounts = MountTable.everywhere(device);
        }
        return new ArrayList<>(leaks);
    }

    private static List<String> takeOff(MountTable.Mount mount, Duration limit, Runnable urge) throws DiskException {
        MountNamespace namespace = new MountNamespace(mount.pid());
        Tool unmount = namespace.unmounting(mount.where());
        if (!unmount.await(limit)) {
            urge.run();
            unmount.await(DETACH_LIMIT);
        }
        if (unmount.succeeded() || !MountTable.of(mount.pid(), mount.device()).contains(mount)) {
            return List.of();
        }
        List<String> holders = MountUsers.ofMount(mount.pid(), mount.where());
        namespace.detaching(mount.where()).await(DETACH_LIMIT);
        return holders;
    }
}
