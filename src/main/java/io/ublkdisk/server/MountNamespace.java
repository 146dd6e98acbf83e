package io.ublkdisk.server;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.kernel.Errno;
import io.ublkdisk.kernel.MountCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * The mounts that a process sees. The server itself sees none of its disks' (it could not exit otherwise); each call here
 * enters the namespace of that process on a thread of its own, without a fork, and the thread ends with the call.
 */
final class MountNamespace {
    private static final int EBUSY = Errno.EBUSY.number();

    private final long pid;

    MountNamespace(long pid) {
        this.pid = pid;
    }

    /** Mounts, making the folder where there is none. Returns whether it made one. */
    Bounded<Boolean> mount(Path device, Path where, String type, String options) {
        MountOptions parsed = MountOptions.parse(options);
        return in("mount " + device, () -> {
            boolean made = !Files.isDirectory(where);
            Files.createDirectories(where);
            int answer = MountCalls.mount(device.toString(), where.toString(), type, parsed.flags(), parsed.data());
            if (answer < 0) {
                if (made) {
                    Files.deleteIfExists(where);
                }
                throw new DiskException("mount of " + device + " (" + type + ") on " + where
                        + (options.isEmpty() ? "" : " with '" + options + "'") + ": " + remedy(answer, type));
            }
            return made;
        });
    }

    /** Unmounts; false where it is busy. */
    Bounded<Boolean> unmount(Path where) {
        return in("unmount " + where, () -> {
            int answer = MountCalls.unmount(where.toString(), MountCalls.UMOUNT_NOFOLLOW);
            if (answer < 0 && answer != -EBUSY) {
                throw new DiskException("unmount of " + where + ": " + name(answer));
            }
            return answer == 0;
        });
    }

    /** Takes it out of sight, whoever uses it. */
    Bounded<Boolean> detach(Path where) {
        return in(
                "detach " + where,
                () -> MountCalls.unmount(where.toString(), MountCalls.UMOUNT_NOFOLLOW | MountCalls.MNT_DETACH) == 0);
    }

    Bounded<Boolean> deleteFolder(Path folder) {
        return in("delete " + folder, () -> Files.deleteIfExists(folder));
    }

    /** The result, or what went wrong; not done within the limit is wrong too. */
    static <T> T await(Bounded<T> call, Duration limit, String what) throws IOException {
        if (!call.await(limit)) {
            throw new DiskException(what + " takes longer than " + limit.toSeconds()
                    + " s; is a request of the disk held? Clear its rules, and it goes on");
        }
        try {
            return call.result();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new DiskException(what + ": " + e, e);
        }
    }

    private <T> Bounded<T> in(String name, Callable<T> work) {
        return Bounded.start("ublkdisk-" + name, () -> {
            int answer = MountCalls.enterMountNamespace("/proc/" + pid + "/ns/mnt");
            if (answer < 0) {
                throw new DiskException(
                        "the mount namespace of process " + pid + " cannot be entered: " + name(answer));
            }
            return work.call();
        });
    }

    private static String remedy(int answer, String type) {
        return name(answer)
                + switch (Errno.of(answer)) {
                    case ENODEV -> "; the kernel has no filesystem " + type + ": modprobe " + type;
                    case EINVAL ->
                        "; an option that " + type + " does not know, or no such filesystem on the disk:"
                                + " see the end of dmesg";
                    case EIO, ENODATA, EUCLEAN ->
                        "; the disk answered with an error: see its rules, and the end of dmesg";
                    case EBUSY -> "; something is mounted there, or the disk is in use";
                    case ENOENT -> "; the process's /dev does not show the device";
                    default -> "";
                };
    }

    private static String name(int answer) {
        Errno errno = Errno.of(answer);
        return errno + " (" + errno.text() + ")";
    }
}
