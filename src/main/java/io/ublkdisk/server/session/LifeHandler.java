package io.ublkdisk.server.session;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.protocol.LifeCommand;
import io.ublkdisk.protocol.ProtocolException;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ServedDisk;
import java.io.IOException;
import java.util.List;

/** Makes disks and ends them. */
final class LifeHandler implements LifeCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    LifeHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    @Override
    public Reply.Disk create(LifeCommand.Create command) throws IOException, ProtocolException {
        DiskSpec spec = DiskSpec.parse(command.settings());
        return made(disks.create(spec, session.clientPid(), command.owned()), command.owned());
    }

    @Override
    public Reply.Disk recover(LifeCommand.Recover command) throws IOException {
        return made(disks.recover(command.disk(), session.clientPid()), command.owned());
    }

    private Reply.Disk made(ServedDisk disk, boolean owned) {
        if (owned) {
            session.own(disk);
        }
        return new Reply.Disk(disk.info().fields());
    }

    @Override
    public Reply.Disks info(LifeCommand.Info command) throws IOException {
        return new Reply.Disks(List.of(disks.named(command.disk()).info().fields()));
    }

    @Override
    public Report.Statistics stats(LifeCommand.Stats command) throws IOException {
        return new Report.Statistics(disks.named(command.disk()).stats());
    }

    @Override
    public Reply.Texts delete(LifeCommand.Delete command) throws IOException {
        ServedDisk disk = disks.named(command.disk());
        if (!command.force()) {
            disk.mounts().refuseWhileMounted();
        }
        return new Reply.Texts(disks.delete(disk));
    }

    @Override
    public Reply.Texts retire(LifeCommand.Retire command) throws IOException {
        return new Reply.Texts(disks.retire(disks.named(command.disk())));
    }

    @Override
    public Reply.Done quiesce(LifeCommand.Quiesce command) throws IOException {
        disks.handBack(disks.named(command.disk()));
        return new Reply.Done();
    }
}
