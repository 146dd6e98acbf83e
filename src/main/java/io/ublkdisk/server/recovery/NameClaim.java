package io.ublkdisk.server.recovery;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.log.Log;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A disk's name, which no other disk of this user has while it lives, in whatever server: a locked file in the state folder.
 * The kernel lets go of the lock when the server dies, however it dies.
 */
public final class NameClaim implements AutoCloseable {
    public static final NameClaim NONE = new NameClaim(null, null);

    private final Path file;
    private final FileChannel channel;

    private NameClaim(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Claims a name; a disk that is given none is called as its device, which needs no claim.
     *
     * @throws DiskException if a disk of that name is there
     */
    public static NameClaim of(Optional<String> given, StateFolder folder) throws IOException {
        if (given.isEmpty()) {
            return NONE;
        }
        String name = given.get();
        Path file = folder.path().resolve(name + ".name");
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new DiskException("the name '" + name + "' is taken by another disk; choose another name, or"
                        + " delete that disk: ublkdisk del " + name);
            }
            // Who had it before us may have deleted the file between our opening and our locking it.
            if (Files.exists(file)) {
                return new NameClaim(file, channel);
            }
            channel.close();
        }
    }

    /** Takes away what a dead server's claim has left, unless another disk is called so by now. */
    static void forget(Optional<String> name, StateFolder folder) throws IOException {
        try {
            of(name, folder).close();
        } catch (DiskException taken) {
            Log.debug(taken.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
            channel.close();
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
