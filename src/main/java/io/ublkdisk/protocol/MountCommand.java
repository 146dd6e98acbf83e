package io.ublkdisk.protocol;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Mounting, unmounting and checking the filesystem of a disk. */
public sealed interface MountCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.MountedAt mount(Mount command) throws IOException, ProtocolException;

        Reply.Texts unmount(Unmount command) throws IOException, ProtocolException;

        Reply.MountedAt remount(Remount command) throws IOException, ProtocolException;

        Reply.Texts checkFilesystem(CheckFilesystem command) throws IOException, ProtocolException;
    }

    /** Mounts the disk in the mount namespace of the client. */
    record Mount(String disk, Optional<Path> path, String options) implements MountCommand<Reply.MountedAt> {
        static Mount read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.MOUNT.keys());
            return new Mount(
                    disk,
                    fields.text("path").map(Path::of),
                    fields.text("options").orElse(""));
        }

        @Override
        public Verb verb() {
            return Verb.MOUNT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("path", path.orElse(null))
                            .put("options", options.isEmpty() ? null : options)
                            .line();
        }

        @Override
        public Reply.MountedAt reply(Answer answer) throws ProtocolException {
            return Reply.MountedAt.read(answer);
        }

        @Override
        public Reply.MountedAt run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.mountCommands().mount(this);
        }
    }

    /** Unmounts the disk everywhere. */
    record Unmount(String disk) implements MountCommand<Reply.Texts> {
        static Unmount read(ProtocolLine line) throws ProtocolException {
            return new Unmount(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.UNMOUNT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.Texts reply(Answer answer) throws ProtocolException {
            return Reply.Texts.read(answer);
        }

        @Override
        public Reply.Texts run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.mountCommands().unmount(this);
        }
    }

    /** Unmounts the disk, and mounts it again at the same place with the same options. */
    record Remount(String disk) implements MountCommand<Reply.MountedAt> {
        static Remount read(ProtocolLine line) throws ProtocolException {
            return new Remount(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.REMOUNT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.MountedAt reply(Answer answer) throws ProtocolException {
            return Reply.MountedAt.read(answer);
        }

        @Override
        public Reply.MountedAt run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.mountCommands().remount(this);
        }
    }

    /** Checks the filesystem (fsck, which changes nothing). */
    record CheckFilesystem(String disk) implements MountCommand<Reply.Texts> {
        static CheckFilesystem read(ProtocolLine line) throws ProtocolException {
            return new CheckFilesystem(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.CHECK;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.Texts reply(Answer answer) throws ProtocolException {
            return Reply.Texts.read(answer);
        }

        @Override
        public Reply.Texts run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.mountCommands().checkFilesystem(this);
        }
    }
}
