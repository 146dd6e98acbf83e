package io.ublkdisk.server.session;

import io.ublkdisk.protocol.MountCommand;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.server.Disks;
import java.io.IOException;

/** Mounts disks, unmounts them and checks their filesystems. */
final class MountHandler implements MountCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    MountHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    @Override
    public Reply.MountedAt mount(MountCommand.Mount command) throws IOException {
        return new Reply.MountedAt(disks.named(command.disk())
                .mounts()
                .mount(session.clientPid(), command.path(), command.options(), disks.mountFolder()));
    }

    @Override
    public Reply.Texts unmount(MountCommand.Unmount command) throws IOException {
        return new Reply.Texts(disks.named(command.disk()).mounts().unmount());
    }

    @Override
    public Reply.MountedAt remount(MountCommand.Remount command) throws IOException {
        return new Reply.MountedAt(disks.named(command.disk()).mounts().remount());
    }

    @Override
    public Reply.Texts checkFilesystem(MountCommand.CheckFilesystem command) throws IOException {
        return new Reply.Texts(
                disks.named(command.disk()).mounts().check().stream().toList());
    }
}
