package io.ublkdisk.protocol;

import java.io.IOException;

/** What has happened to a disk, and the marks of its client. */
public sealed interface EventCommand<R extends Reply> extends Command<R> {
    /** Does these commands: a method for each. */
    interface Handler {
        Report.Entries readJournal(ReadJournal command) throws IOException, ProtocolException;

        Reply.Done follow(Follow command) throws IOException, ProtocolException;

        Reply.Number setMark(SetMark command) throws IOException, ProtocolException;

        Reply.Texts marksAtCut(MarksAtCut command) throws IOException, ProtocolException;

        Reply.Done stopMarks(StopMarks command) throws IOException, ProtocolException;
    }

    /** Returns what is in the journal; with events, without the requests. */
    record ReadJournal(String disk, boolean eventsOnly) implements EventCommand<Report.Entries> {
        static ReadJournal read(ProtocolLine line) throws ProtocolException {
            return new ReadJournal(line.next("a disk"), line.has("events"));
        }

        @Override
        public Verb verb() {
            return Verb.JOURNAL;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + (eventsOnly ? " events" : "");
        }

        @Override
        public Report.Entries reply(Answer answer) throws ProtocolException {
            return Report.Entries.read(answer);
        }

        @Override
        public Report.Entries run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.eventCommands().readJournal(this);
        }
    }

    /** Sends each entry when it comes, until the client sends a line or hangs up, or the disk is gone. */
    record Follow(String disk, boolean eventsOnly) implements EventCommand<Reply.Done> {
        static Follow read(ProtocolLine line) throws ProtocolException {
            return new Follow(line.next("a disk"), line.has("events"));
        }

        @Override
        public Verb verb() {
            return Verb.FOLLOW;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + (eventsOnly ? " events" : "");
        }

        @Override
        public Reply.Done reply(Answer answer) throws ProtocolException {
            return Reply.Done.read(answer);
        }

        @Override
        public Reply.Done run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.eventCommands().follow(this);
        }
    }

    /** Sets a mark. */
    record SetMark(String disk, String text) implements EventCommand<Reply.Number> {
        static SetMark read(ProtocolLine line) throws ProtocolException {
            return new SetMark(line.next("a disk"), line.rest());
        }

        @Override
        public Verb verb() {
            return Verb.MARK;
        }

        @Override
        public String arguments() {
            return ProtocolLine.join(disk) + " " + ProtocolLine.text(text);
        }

        @Override
        public Reply.Number reply(Answer answer) throws ProtocolException {
            return Reply.Number.read(answer);
        }

        @Override
        public Reply.Number run(Handlers handlers) throws IOException, ProtocolException {
            return handlers.eventCommands().setMark(this);
        }
    }

    /** Returns the marks that were set before the last power cut, the oldest first. */
    record MarksAtCut(String disk) implements EventCommand<Reply.Texts> {
        static MarksAtCut read(ProtocolLine line) throws ProtocolException {
            return new MarksAtCut(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.MARKS_AT_CUT;
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
            return handlers.eventCommands().marksAtCut(this);
        }
    }

    /** Refuses marks from the next power cut on, also when the power is back. */
    record StopMarks(String disk) implements EventCommand<Reply.Done> {
        static StopMarks read(ProtocolLine line) throws ProtocolException {
            return new StopMarks(line.next("a disk"));
        }

        @Override
        public Verb verb() {
            return Verb.STOP_MARKS;
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
            return handlers.eventCommands().stopMarks(this);
        }
    }
}
