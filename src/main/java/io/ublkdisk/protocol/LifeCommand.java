package io.ublkdisk.protocol;

import java.io.IOException;

/** How a disk begins and ends. */
public sealed interface LifeCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.Disk create(Create command) throws IOException, ProtocolException;

        Reply.Disk recover(Recover command) throws IOException, ProtocolException;

        Reply.Disks info(Info command) throws IOException, ProtocolException;

        Report.Statistics stats(Stats command) throws IOException, ProtocolException;

        Reply.Texts delete(Delete command) throws IOException, ProtocolException;

        Reply.Texts retire(Retire command) throws IOException, ProtocolException;

        Reply.Done quiesce(Quiesce command) throws IOException, ProtocolException;
    }

    /** Makes a disk: formatted, mounted, its rules in force. */
    record Create(KeyValues settings, boolean owned) implements LifeCommand<Reply.Disk> {
        static Create read(ProtocolLine line) throws ProtocolException {
            KeyValues settings = KeyValues.parse(line);
            boolean owned = settings.flag("owned", false);
            return new Create(settings.put("owned", null), owned);
        }

        @Override
        public Verb verb() {
            return Verb.CREATE;
        }

        @Override
        public String arguments() {
            return new KeyValues(settings).put("owned", owned).line();
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().create(this);
        }
    }

    /** Serves a disk whose server is gone, or has quiesced it. */
    record Recover(String disk, boolean owned) implements LifeCommand<Reply.Disk> {
        static Recover read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.RECOVER.keys());
            return new Recover(disk, fields.flag("owned", false));
        }

        @Override
        public Verb verb() {
            return Verb.RECOVER;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues().put("owned", owned).line();
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().recover(this);
        }
    }

    /** Returns what the disk is. */
    record Info(String disk) implements LifeCommand<Reply.Disks> {
        static Info read(ProtocolLine line) throws ProtocolException {
            return new Info(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.INFO;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.Disks reply(Answer answer) throws ProtocolException {
            return Reply.Disks.read(answer);
        }

        @Override
        public Reply.Disks run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().info(this);
        }
    }

    /** Returns what the disk has been asked and has done. */
    record Stats(String disk) implements LifeCommand<Report.Statistics> {
        static Stats read(ProtocolLine line) throws ProtocolException {
            return new Stats(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.STATS;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Statistics reply(Answer answer) throws ProtocolException {
            return Report.Statistics.read(answer);
        }

        @Override
        public Report.Statistics run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().stats(this);
        }
    }

    /** Deletes the disk; a mounted one only with force. */
    record Delete(String disk, boolean force) implements LifeCommand<Reply.Texts> {
        static Delete read(ProtocolLine line) throws ProtocolException {
            return new Delete(line.next("a disk"), line.has("force"));
        }

        @Override
        public Verb verb() {
            return Verb.DELETE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + (force ? " force" : "");
        }

        @Override
        public Reply.Texts reply(Answer answer) throws ProtocolException {
            return Reply.Texts.read(answer);
        }

        @Override
        public Reply.Texts run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().delete(this);
        }
    }

    /** Unmounts the disk and returns; the device goes while the caller goes on. */
    record Retire(String disk) implements LifeCommand<Reply.Texts> {
        static Retire read(ProtocolLine line) throws ProtocolException {
            return new Retire(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.RETIRE;
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
            return handlers.lifeCommands().retire(this);
        }
    }

    /** Leaves device and mounts to the next server. */
    record Quiesce(String disk) implements LifeCommand<Reply.Done> {
        static Quiesce read(ProtocolLine line) throws ProtocolException {
            return new Quiesce(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.QUIESCE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.lifeCommands().quiesce(this);
        }
    }
}
