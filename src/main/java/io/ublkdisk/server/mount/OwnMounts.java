package io.ublkdisk.server.mount;

import io.ublkdisk.server.log.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The server's own mount namespace is a copy of its starter's, with the disks in it that other servers have mounted there. As
 * long as a copy is there a filesystem stays mounted, however often it is unmounted elsewhere; so they go first of all.
 */
public final class OwnMounts {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private OwnMounts() {}

    /** Takes ublk disks off the own namespace, if it is a private one. */
    public static void forgetDisks() throws IOException {
        if (!isPrivate()) {
            Log.debug("the mount namespace is not a private one");
            return;
        }
        long self = ProcessHandle.current().pid();
        MountNamespace namespace = new MountNamespace(self);
        for (MountTable.Mount mount : MountTable.all(self)) {
            if (mount.device().toString().startsWith("/dev/ublkb")) {
                namespace.detaching(mount.where()).await(LIMIT);
            }
        }
    }

    private static boolean isPrivate() {
        try {
            long parent =
                    ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
            return !namespace("self").equals(namespace(Long.toString(parent)));
        } catch (IOException e) {
            return false;
        }
    }

    private static Path namespace(String process) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc", process, "ns/mnt"));
    }
}
