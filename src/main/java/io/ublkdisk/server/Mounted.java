package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A disk mounted in its client's mount namespace, until {@link #unmount} has got it off. Not thread safe. */
final class Mounted {
    private static final Duration MOUNT_LIMIT = Duration.ofSeconds(60);
    private static final Duration DETACH_LIMIT = Duration.ofSeconds(5);

    private final Path device;
    private final String type;
    private final long clientPid;
    private final Path where;
    private final String options;
    private final boolean madeFolder;

    private Mounted(Path device, String type, long clientPid, Path where, String options, boolean madeFolder) {
        this.device = device;
        this.type = type;
        this.clientPid = clientPid;
        this.where = where;
        this.options = options;
        this.madeFolder = madeFolder;
    }

    static Mounted mount(Path device, String type, long clientPid, Path where, String options) throws IOException {
        Bounded<Boolean> call = new MountNamespace(clientPid).mount(device, where, type, options);
        boolean made = MountNamespace.await(call, MOUNT_LIMIT, "mounting " + device + " on " + where);
        return new Mounted(device, type, clientPid, where, options, made);
    }

    Path where() {
        return where;
    }

    /** The same again, after it has been unmounted. */
    Mounted again() throws IOException {
        Mounted again = mount(device, type, clientPid, where, options);
        return new Mounted(device, type, clientPid, where, options, madeFolder || again.madeFolder);
    }

    /** Whether its client still sees it: it, or anybody, may have unmounted it by hand. */
    boolean isThere() {
        return MountTable.of(clientPid, device).stream().anyMatch(m -> m.where().equals(where));
    }

    /**
     * Unmounts it properly.
     *
     * @throws DiskException if it is busy, saying who uses it, or hangs
     */
    void unmount(Duration limit) throws IOException {
        if (isThere()) {
            Bounded<Boolean> call = new MountNamespace(clientPid).unmount(where);
            if (!MountNamespace.await(call, limit, "unmounting " + where)) {
                throw new DiskException(where + " is busy: " + String.join("; ", holders()) + ". Close that first");
            }
        }
        forgetFolder();
    }

    /** Who uses it. */
    List<String> holders() {
        List<String> holders = Holders.under(where);
        return holders.isEmpty() ? List.of("somebody whom /proc does not show") : holders;
    }

    /** Deletes the mount point that was made for it. */
    void forgetFolder() {
        if (madeFolder) {
            new MountNamespace(clientPid).deleteFolder(where).await(DETACH_LIMIT);
        }
    }

    /**
     * Gets a device off every mount namespace it is mounted in, whoever mounted it: properly within that limit, and out of
     * sight where that is not possible.
     *
     * @param urge called when the limit is over and something hangs; must see to it that no request is left waiting
     * @return who was using it, one line each
     */
    static List<String> takeOff(Path device, Duration limit, Runnable urge) {
        List<String> leaks = new ArrayList<>();
        for (MountTable.Mount mount : MountTable.everywhere(device)) {
            MountNamespace namespace = new MountNamespace(mount.pid());
            Bounded<Boolean> call = namespace.unmount(mount.where());
            if (!call.await(limit)) {
                urge.run();
                call.await(DETACH_LIMIT);
            }
            if (!succeeded(call)) {
                List<String> holders = Holders.under(mount.where());
                boolean stillThere = MountTable.of(mount.pid(), device).contains(mount);
                if (stillThere) {
                    leaks.addAll(holders.isEmpty() ? List.of(mount.where() + " in use by somebody unseen") : holders);
                    namespace.detach(mount.where()).await(DETACH_LIMIT);
                }
            }
        }
        return leaks;
    }

    private static boolean succeeded(Bounded<Boolean> call) {
        try {
            return call.await(Duration.ZERO) && call.result();
        } catch (Exception e) {
            Log.say(e.getMessage());
            return false;
        }
    }
}
