package io.ublkdisk.protocol;

import io.ublkdisk.crash.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Recordings of a disk, and disks with what a crash would leave. */
public sealed interface CrashCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Reply.Done startRecording(StartRecording command) throws IOException, ProtocolException;

        Report.Recording stopRecording(StopRecording command) throws IOException, ProtocolException;

        Report.Log logRecording(LogRecording command) throws IOException, ProtocolException;

        Report.States sampleStates(SampleStates command) throws IOException, ProtocolException;

        Report.FlushEpoch readEpoch(ReadEpoch command) throws IOException, ProtocolException;

        Reply.Texts listMarks(ListMarks command) throws IOException, ProtocolException;

        Reply.Disk makeState(MakeState command) throws IOException, ProtocolException;

        Reply.Disk makeImage(MakeImage command) throws IOException, ProtocolException;

        Reply.MountedAt showState(ShowState command) throws IOException, ProtocolException;

        Reply.MountedAt showImage(ShowImage command) throws IOException, ProtocolException;
    }

    /** Begins a recording; an earlier one is forgotten. */
    record StartRecording(String disk) implements CrashCommand<Reply.Done> {
        static StartRecording read(ProtocolLine line) throws ProtocolException {
            return new StartRecording(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.RECORD;
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
            return handlers.crashCommands().startRecording(this);
        }
    }

    /** Ends the recording. */
    record StopRecording(String disk) implements CrashCommand<Report.Recording> {
        static StopRecording read(ProtocolLine line) throws ProtocolException {
            return new StopRecording(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.STOP_RECORDING;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk);
        }

        @Override
        public Report.Recording reply(Answer answer) throws ProtocolException {
            return Report.Recording.read(answer);
        }

        @Override
        public Report.Recording run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().stopRecording(this);
        }
    }

    /** Writes the recording into a log of dm-log-writes. */
    record LogRecording(String disk, Path file) implements CrashCommand<Report.Log> {
        static LogRecording read(ProtocolLine line) throws ProtocolException {
            return new LogRecording(line.next("a disk"), Path.of(line.next("the path of a file")));
        }

        @Override
        public Verb verb() {
            return Verb.LOG_RECORDING;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, file.toString());
        }

        @Override
        public Report.Log reply(Answer answer) throws ProtocolException {
            return Report.Log.read(answer);
        }

        @Override
        public Report.Log run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().logRecording(this);
        }
    }

    /** Returns a sample of the crash states of the recording, in the order of the epochs. */
    record SampleStates(String disk, Sample sample) implements CrashCommand<Report.States> {
        static SampleStates read(ProtocolLine line) throws ProtocolException {
            return new SampleStates(
                    line.next("a disk"),
                    CrashCommand.sample(KeyValues.parse(line).only(Verb.CRASH_STATES.keys())));
        }

        @Override
        public Verb verb() {
            return Verb.CRASH_STATES;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("per-epoch", sample.perEpoch())
                            .put("tears", sample.tears())
                            .put("seed", sample.seed())
                            .put("atomic-sectors", sample.atomicSectors())
                            .line();
        }

        @Override
        public Report.States reply(Answer answer) throws ProtocolException {
            return Report.States.read(answer);
        }

        @Override
        public Report.States run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().sampleStates(this);
        }
    }

    /** Returns the changes of a flush epoch. */
    record ReadEpoch(String disk, int epoch) implements CrashCommand<Report.FlushEpoch> {
        static ReadEpoch read(ProtocolLine line) throws ProtocolException {
            return new ReadEpoch(line.next("a disk"), line.integer("the number of an epoch"));
        }

        @Override
        public Verb verb() {
            return Verb.EPOCH;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " " + Integer.toString(epoch);
        }

        @Override
        public Report.FlushEpoch reply(Answer answer) throws ProtocolException {
            return Report.FlushEpoch.read(answer);
        }

        @Override
        public Report.FlushEpoch run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().readEpoch(this);
        }
    }

    /** Returns the marks that the run had passed at that crash state. */
    record ListMarks(String disk, String state) implements CrashCommand<Reply.Texts> {
        static ListMarks read(ProtocolLine line) throws ProtocolException {
            return new ListMarks(line.next("a disk"), line.next("a crash state"));
        }

        @Override
        public Verb verb() {
            return Verb.MARKS;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, state);
        }

        @Override
        public Reply.Texts reply(Answer answer) throws ProtocolException {
            return Reply.Texts.read(answer);
        }

        @Override
        public Reply.Texts run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().listMarks(this);
        }
    }

    /** Makes a disk with the bytes of a crash state. */
    record MakeState(String disk, String state, Optional<String> name, boolean owned)
            implements CrashCommand<Reply.Disk> {
        static MakeState read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            String state = line.next("a crash state");
            KeyValues fields = KeyValues.parse(line).only(Verb.CRASH_STATE.keys());
            return new MakeState(disk, state, fields.text("name"), fields.flag("owned", false));
        }

        @Override
        public Verb verb() {
            return Verb.CRASH_STATE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, state) + " "
                    + new KeyValues()
                            .put("name", name.orElse(null))
                            .put("owned", owned)
                            .line();
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().makeState(this);
        }
    }

    /** Makes a disk with the bytes that a power cut now would leave. */
    record MakeImage(String disk, String keep, long seed, Optional<String> name, boolean owned)
            implements CrashCommand<Reply.Disk> {
        static MakeImage read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            KeyValues fields = KeyValues.parse(line).only(Verb.CRASH_IMAGE.keys());
            return new MakeImage(
                    disk,
                    fields.text("keep").orElse("none"),
                    fields.number("seed", 0),
                    fields.text("name"),
                    fields.flag("owned", false));
        }

        @Override
        public Verb verb() {
            return Verb.CRASH_IMAGE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " "
                    + new KeyValues()
                            .put("keep", keep)
                            .put("seed", seed)
                            .put("name", name.orElse(null))
                            .put("owned", owned)
                            .line();
        }

        @Override
        public Reply.Disk reply(Answer answer) throws ProtocolException {
            return Reply.Disk.read(answer);
        }

        @Override
        public Reply.Disk run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().makeImage(this);
        }
    }

    /** Gives another disk the bytes of a crash state, and mounts it if asked. */
    record ShowState(String disk, String state, String on, boolean mount, String options)
            implements CrashCommand<Reply.MountedAt> {
        static ShowState read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            String state = line.next("a crash state");
            String on = line.next("the disk that gets its bytes");
            KeyValues fields = KeyValues.parse(line).only(Verb.SHOW_STATE.keys());
            return new ShowState(
                    disk,
                    state,
                    on,
                    fields.flag("mount", false),
                    fields.text("options").orElse(""));
        }

        @Override
        public Verb verb() {
            return Verb.SHOW_STATE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, state, on) + " "
                    + new KeyValues()
                            .put("mount", mount)
                            .put("options", options.isEmpty() ? null : options)
                            .line();
        }

        @Override
        public Reply.MountedAt reply(Answer answer) throws ProtocolException {
            return Reply.MountedAt.read(answer);
        }

        @Override
        public Reply.MountedAt run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().showState(this);
        }
    }

    /** Gives another disk the bytes that a power cut now would leave, and mounts it if asked. */
    record ShowImage(String disk, String on, String keep, long seed, boolean mount, String options)
            implements CrashCommand<Reply.MountedAt> {
        static ShowImage read(ProtocolLine line) throws ProtocolException {
            String disk = line.next("a disk");
            String on = line.next("the disk that gets its bytes");
            KeyValues fields = KeyValues.parse(line).only(Verb.SHOW_IMAGE.keys());
            return new ShowImage(
                    disk,
                    on,
                    fields.text("keep").orElse("none"),
                    fields.number("seed", 0),
                    fields.flag("mount", false),
                    fields.text("options").orElse(""));
        }

        @Override
        public Verb verb() {
            return Verb.SHOW_IMAGE;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk, on) + " "
                    + new KeyValues()
                            .put("keep", keep)
                            .put("seed", seed)
                            .put("mount", mount)
                            .put("options", options.isEmpty() ? null : options)
                            .line();
        }

        @Override
        public Reply.MountedAt reply(Answer answer) throws ProtocolException {
            return Reply.MountedAt.read(answer);
        }

        @Override
        public Reply.MountedAt run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.crashCommands().showImage(this);
        }
    }

    private static Sample sample(KeyValues fields) {
        return new Sample(
                (int) Math.min(Integer.MAX_VALUE, fields.number("per-epoch", Sample.DEFAULT.perEpoch())),
                fields.flag("tears", Sample.DEFAULT.tears()),
                fields.number("seed", Sample.DEFAULT.seed()),
                (int) Math.min(Integer.MAX_VALUE, fields.number("atomic-sectors", 0)));
    }
}
