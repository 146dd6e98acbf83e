package io.ublkdisk.cli.disk;

import io.ublkdisk.block.Nearest;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskInfo;
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

    public Servers() throws DiskException {
        for (Path socket : StateFolder.ofUser().sockets()) {
            try {
                connections.add(ServerConnection.open(socket));
            } catch (IOException gone) {
                // Left by a server that was killed: the next server, or sweep, clears it away.
                continue;
            }
        }
    }

    /** Returns all disks, in the order of their numbers. */
    List<RemoteDisk> disks() throws DiskException {
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

    /** @throws DiskException if there is none, naming the nearest */
    public RemoteDisk disk(String word) throws DiskException {
        List<RemoteDisk> disks = disks();
        for (RemoteDisk disk : disks) {
            if (disk.isCalled(word)) {
                return disk;
            }
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
