package io.ublkdisk.server.mount;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.server.log.Log;
import io.ublkdisk.server.process.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Mounts one device again and again, each time with other contents, and checks its filesystem in between: what crash states
 * need many times a second. The device is this mount's own; the server sees to it that no other client has it mounted.
 *
 * <p>The kernel forgets what it knows of a device when the last user closes it: at the unmount, or when the check ends. But
 * udev, which looks at every disk that was closed, may have it open at that moment. So the kernel is told to forget.
 */
public final class CrashStateMount implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final boolean UDEV = Files.exists(Path.of("/run/udev/control"));

    private final Path device;
    private final FileSystem fs;
    private final Path where;
    private final String options;
    private final MountNamespace namespace;
    private final boolean madeFolder;
    private boolean mounted;

    /** @param where a folder in that namespace, made if it is not there */
    public CrashStateMount(Path device, FileSystem fs, MountNamespace namespace, Path where, String options)
            throws IOException {
        this.device = device;
        this.fs = fs;
        this.where = where;
        this.options = options;
        this.namespace = namespace;
        this.madeFolder = namespace.makeFolder(where);
    }

    /** Before the contents are exchanged: off, and nothing of it in memory. */
    public void clear() throws DiskException {
        unmount();
        if (UDEV || fs == FileSystem.NONE) {
            namespace.require(LIMIT, BlockDevice.forgetting(device));
        }
    }

    public void mount() throws DiskException {
        namespace.mount(device, where, fs.word(), Templates.mountOptions(fs, options), LIMIT);
        mounted = true;
    }

    private void unmount() throws DiskException {
        if (mounted) {
            namespace.unmount(where, LIMIT);
            mounted = false;
        }
    }

    /** Takes it off and has its filesystem checked, which changes nothing. @return what is wrong; empty if it is clean */
    public Optional<String> check() throws DiskException {
        unmount();
        Shell.Ended ended = namespace.shell().run(LIMIT, Fsck.command(fs, device));
        return ended.status() == 0 ? Optional.empty() : Optional.of(ended.said());
    }

    /** Ends it: the device is another client's from now on. */
    public void end() throws IOException {
        unmount();
        close();
    }

    /** Takes away the folder that was made, whatever may still be mounted there by now. */
    @Override
    public void close() {
        if (madeFolder) {
            try {
                namespace.deleteFolder(where);
            } catch (IOException e) {
                Log.say("the mount point " + where + " stays behind: " + e);
            }
        }
    }
}
