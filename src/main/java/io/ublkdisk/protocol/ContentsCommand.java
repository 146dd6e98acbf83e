package io.ublkdisk.protocol;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The bytes of a disk: snapshots, damage, logs of writes. */
public sealed interface ContentsCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.Done takeSnapshot(TakeSnapshot command) throws IOException, ProtocolException;

        Reply.MountedAt rewind(Rewind command) throws IOException, ProtocolException;

        Reply.MountedAt reset(Reset command) throws IOException, ProtocolException;

        Reply.Text damage(Damage command) throws IOException, ProtocolException;

        Reply.Word save(Save command) throws IOException, ProtocolException;

        Reply.Done logWrites(LogWrites command) throws IOException, ProtocolException;

        Report.Log endLogWrites(EndLogWrites command) throws IOException, ProtocolException;
    }

    /** Keeps the bytes under a name, in place of an earlier snapshot of that name. */
    record TakeSnapshot(String disk, String name) implements ContentsCommand<Reply.Done> {
        static TakeSnapshot read(ProtocolLine line) throws ProtocolException {
            return new TakeSnapshot(line.next("a disk"), line.next("a name"));
        }

        @Override
        public Verb verb() {
            return Verb.SNAPSHOT;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, name);
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().takeSnapshot(this);
        }
    }

    /** Goes back to a snapshot; unmounts for it, and mounts again. */
    record Rewind(String disk, String name) implements ContentsCommand<Reply.MountedAt> {
        static Rewind read(ProtocolLine line) throws ProtocolException {
            return new Rewind(line.next("a disk"), line.next("a name"));
        }

        @Override
        public Verb verb() {
            return Verb.REWIND;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, name);
        }

        @Override
        public Reply.MountedAt reply(Answer answer) throws ProtocolException {
            return Reply.MountedAt.read(answer);
        }

        @Override
        public Reply.MountedAt run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().rewind(this);
        }
    }

    /** Makes the disk what it was when it was created: bytes, rules and mount. */
    record Reset(String disk) implements ContentsCommand<Reply.MountedAt> {
        static Reset read(ProtocolLine line) throws ProtocolException {
            return new Reset(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.RESET;
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
            return handlers.contentsCommands().reset(this);
        }
    }

    /** Damages bytes at rest, without a request. */
    record Damage(String disk, long offset, long length, String pattern, OptionalLong seed)
            implements ContentsCommand<Reply.Text> {
        static Damage read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.DAMAGE.keys());
            return new Damage(
                    disk,
                    fields.number("offset", -1),
                    fields.number("length", 1),
                    fields.text("with").orElse("flip"),
                    fields.optional("seed"));
        }

        @Override
        public Verb verb() {
            return Verb.DAMAGE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("offset", offset)
                            .put("length", length)
                            .put("with", pattern)
                            .put("seed", seed.isPresent() ? seed.getAsLong() : null)
                            .line();
        }

        @Override
        public Reply.Text reply(Answer answer) throws ProtocolException {
            return Reply.Text.read(answer);
        }

        @Override
        public Reply.Text run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().damage(this);
        }
    }

    /** Writes the first bytes and the present ones into a log of dm-log-writes. */
    record Save(String disk, Path file) implements ContentsCommand<Reply.Word> {
        static Save read(ProtocolLine line) throws ProtocolException {
            return new Save(line.next("a disk"), Path.of(line.next("the path of a file")));
        }

        @Override
        public Verb verb() {
            return Verb.SAVE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, file.toString());
        }

        @Override
        public Reply.Word reply(Answer answer) throws ProtocolException {
            return Reply.Word.read(answer);
        }

        @Override
        public Reply.Word run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().save(this);
        }
    }

    /** Logs what becomes durable from now on, in the format of dm-log-writes. */
    record LogWrites(String disk, Path file) implements ContentsCommand<Reply.Done> {
        static LogWrites read(ProtocolLine line) throws ProtocolException {
            return new LogWrites(line.next("a disk"), Path.of(line.next("the path of a file")));
        }

        @Override
        public Verb verb() {
            return Verb.LOG_WRITES;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, file.toString());
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().logWrites(this);
        }
    }

    /** Ends that log. */
    record EndLogWrites(String disk) implements ContentsCommand<Report.Log> {
        static EndLogWrites read(ProtocolLine line) throws ProtocolException {
            return new EndLogWrites(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.END_LOG_WRITES;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Log reply(Answer answer) throws ProtocolException {
            return Report.Log.read(answer);
        }

        @Override
        public Report.Log run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.contentsCommands().endLogWrites(this);
        }
    }
}
