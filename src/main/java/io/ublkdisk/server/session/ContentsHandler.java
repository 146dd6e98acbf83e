package io.ublkdisk.server.session;

import io.ublkdisk.media.CorruptionPattern;
import io.ublkdisk.protocol.ContentsCommand;
import io.ublkdisk.protocol.LogSummary;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.log.LogWritesFile;
import java.io.IOException;

/** Keeps the bytes of a disk, brings them back, damages them and writes them to files. */
final class ContentsHandler implements ContentsCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    ContentsHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    @Override
    public Reply.Done takeSnapshot(ContentsCommand.TakeSnapshot command) throws IOException {
        disks.named(command.disk()).contents().snapshot(command.name());
        return new Reply.Done();
    }

    @Override
    public Reply.MountedAt rewind(ContentsCommand.Rewind command) throws IOException {
        return new Reply.MountedAt(disks.named(command.disk()).contents().rewind(command.name()));
    }

    @Override
    public Reply.MountedAt reset(ContentsCommand.Reset command) throws IOException {
        return new Reply.MountedAt(disks.named(command.disk()).contents().reset());
    }

    @Override
    public Reply.Text damage(ContentsCommand.Damage command) throws IOException {
        CorruptionPattern pattern = CorruptionPattern.named(command.pattern());
        return new Reply.Text(
                disks.named(command.disk()).damage(command.offset(), command.length(), pattern, command.seed()));
    }

    @Override
    public Reply.Word save(ContentsCommand.Save command) throws IOException {
        return new Reply.Word(
                disks.named(command.disk()).contents().save(command.file(), session.pathOfClient(command.file())));
    }

    @Override
    public Reply.Done logWrites(ContentsCommand.LogWrites command) throws IOException {
        disks.named(command.disk()).recorded().logTo(command.file(), session.pathOfClient(command.file()));
        return new Reply.Done();
    }

    @Override
    public Report.Log endLogWrites(ContentsCommand.EndLogWrites command) throws IOException {
        LogWritesFile log = disks.named(command.disk()).recorded().endedLog();
        return new Report.Log(new LogSummary(log.path(), log.entries(), log.bytes(), log.endedBy()));
    }
}
