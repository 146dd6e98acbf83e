package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.SessionCommand;
import io.ublkdisk.protocol.Version;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ServedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Does what a client asks of the server as a whole. */
final class SessionHandler implements SessionCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    SessionHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    @Override
    public Reply.Greeting hello(SessionCommand.Hello command) throws DiskException {
        long pid = ProcessHandle.current().pid();
        if (command.protocol() != Version.PROTOCOL) {
            throw new DiskException(Version.mismatch(command.protocol(), Version.PROTOCOL, pid));
        }
        if (command.pid() >= 0) {
            session.introduce(command.pid());
        }
        return new Reply.Greeting(Version.PROTOCOL, pid);
    }

    @Override
    public Reply.Done ping(SessionCommand.Ping command) {
        return new Reply.Done();
    }

    @Override
    public Reply.Names features(SessionCommand.Features command) throws IOException {
        return new Reply.Names(Features.names());
    }

    @Override
    public Reply.Disks listDisks(SessionCommand.ListDisks command) {
        List<KeyValues> all = new ArrayList<>();
        for (ServedDisk disk : disks.all()) {
            all.add(disk.info().fields());
        }
        return new Reply.Disks(all);
    }

    @Override
    public Reply.Done prepare(SessionCommand.Prepare command) throws IOException, ProtocolException {
        disks.prepare(DiskSpec.parse(command.settings()), session.clientPid(), session);
        return new Reply.Done();
    }

    @Override
    public Reply.Done settle(SessionCommand.Settle command) {
        disks.endPrepared(session);
        disks.awaitRetired();
        return new Reply.Done();
    }
}
