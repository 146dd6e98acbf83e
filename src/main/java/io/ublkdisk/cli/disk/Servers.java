package io.ublkdisk.cli.disk;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskInfo;
import io.ublkdisk.control.OtherBuildException;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerDiedException;
import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All servers of this user that are alive, found through the state folder. */
public final class Servers implements AutoCloseable {
    private final List<ServerConnection> connections = new ArrayList<>();
    /** A server that cannot be asked, because it is of another build; null if there is no such server. */
    private OtherBuildException otherBuild;

    public Servers() throws DiskException {
        this(StateFolder.ofUser());
    }

    Servers(StateFolder folder) throws DiskException {
        for (Path socket : folder.sockets()) {
            try {
                connections.add(ServerConnection.open(socket));
            } catch (OtherBuildException alive) {
                otherBuild = alive;
            } catch (IOException gone) {
                // Left by a server that was killed: the next server, or sweep, clears it away.
                continue;
            }
        }
    }

    /**
     * Returns all disks, in the order of their numbers.
     *
     * @throws DiskException if the only servers are of another build
     */
    List<RemoteDisk> disks() throws DiskException {
        if (connections.isEmpty() && otherBuild != null) {
            throw otherBuild;
        }
        List<RemoteDisk> disks = new ArrayList<>();
        for (ServerConnection connection : connections) {
            try {
                for (DiskInfo info : connection.disks()) {
                    disks.add(connection.disk(info));
                }
            } catch (ServerDiedException ended) {
                // With its last disk, most likely, while we asked the others.
                continue;
            }
        }
        disks.sort(Comparator.comparingInt(RemoteDisk::id));
        return disks;
    }

    /**
     * Returns the disk of that name, number or device.
     *
     * @throws DiskException if there is no such disk, naming the nearest; if it may be the disk of a server of another build, this
     */
    public RemoteDisk disk(String word) throws DiskException {
        List<RemoteDisk> disks = disks();
        for (RemoteDisk disk : disks) {
            if (disk.isCalled(word)) {
                return disk;
            }
        }
        if (otherBuild != null) {
            throw otherBuild;
        }
        List<String> names = disks.stream().map(RemoteDisk::name).toList();
        throw new DiskException("no disk '" + word + "'"
                + (names.isEmpty() ? "; none is running, ublkdisk add makes one" : Nearest.hint(word, names)));
    }

    @Override
    public void close() {
        connections.forEach(ServerConnection::close);
    }
}
