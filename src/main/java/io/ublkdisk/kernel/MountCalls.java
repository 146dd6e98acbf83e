package io.ublkdisk.kernel;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * Mounting, and entering another process's mount namespace. Every call answers 0, or <b>{@code -errno}</b>, and throws
 * nothing.
 */
public final class MountCalls {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 1 << 1;
    public static final int MS_NODEV = 1 << 2;
    public static final int MS_NOEXEC = 1 << 3;
    public static final int MS_SYNCHRONOUS = 1 << 4;
    public static final int MS_MANDLOCK = 1 << 6;
    public static final int MS_DIRSYNC = 1 << 7;
    public static final int MS_NOATIME = 1 << 10;
    public static final int MS_NODIRATIME = 1 << 11;
    public static final int MS_RELATIME = 1 << 21;
    public static final int MS_STRICTATIME = 1 << 24;
    public static final int MS_LAZYTIME = 1 << 25;

    /** Takes it out of sight at once, and off when nobody uses it any more. */
    public static final int MNT_DETACH = 2;
    /** Does not follow a symbolic link at the end of the path. */
    public static final int UMOUNT_NOFOLLOW = 8;

    private static final int CLONE_FS = 0x200;
    private static final int CLONE_NEWNS = 0x20000;

    private MountCalls() {}

    /**
     * Moves the calling thread, and no other, into a mount namespace. The thread gives up what it shares of root and current
     * folder first, as {@code setns(2)} demands, and must be a platform thread that ends soon: it cannot go back.
     *
     * @param namespace a path like {@code /proc/PID/ns/mnt}
     */
    public static int enterMountNamespace(String namespace) {
        int fd = LinuxCalls.open(namespace, LinuxCalls.O_RDONLY | LinuxCalls.O_CLOEXEC);
        if (fd < 0) {
            return fd;
        }
        try {
            int alone = answer(C.unshare(CLONE_FS));
            return alone < 0 ? alone : answer(C.setns(fd, CLONE_NEWNS));
        } finally {
            LinuxCalls.close(fd);
        }
    }

    /** {@code mount(2)}. */
    public static int mount(String source, String target, String type, long flags, String data) {
        return answer(C.mount(source, target, type, flags, data));
    }

    /** {@code umount2(2)}. */
    public static int unmount(String target, int flags) {
        return answer(C.umount2(target, flags));
    }

    private static int answer(int result) {
        return result == -1 ? -Native.getLastError() : result;
    }

    /** The functions of the C library as they are. */
    private static final class C {
        static {
            Native.register(C.class, NativeLibrary.getProcess());
        }

        static native int unshare(int flags);

        static native int setns(int fd, int type);

        static native int mount(String source, String target, String type, long flags, String data);

        static native int umount2(String target, int flags);
    }
}
