package io.ublkdisk.protocol;

import io.ublkdisk.block.Extent;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.journal.Entry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Replies that tell what a disk has done, or what was done to it. */
public sealed interface Report extends Reply {

    /** What a disk has been asked and has done. */
    record Statistics(DiskStats stats) implements Report {
        static Statistics read(Answer answer) throws ProtocolException {
            if (answer.data().size() != 1) {
                throw new ProtocolException(
                        "one line of data is expected, not " + answer.data().size());
            }
            return new Statistics(DiskStats.parse(
                    KeyValues.parse(new ProtocolLine(answer.data().get(0)))));
        }

        @Override
        public Answer answer() {
            return new Answer(List.of(stats.fields().line()), "");
        }
    }

    /** Rules and their counts. */
    record Rules(List<RuleReport> rules) implements Report {
        static Rules read(Answer answer) throws ProtocolException {
            return new Rules(answer.each(line -> rule(KeyValues.parse(line))));
        }

        @Override
        public Answer answer() {
            return Answer.data(rules, rule -> fields(rule).line());
        }
    }

    /** Returns a rule and its counts as the protocol writes them. */
    static KeyValues fields(RuleReport rule) {
        return new KeyValues()
                .put("name", rule.name())
                .put("matched", rule.matched())
                .put("fired", rule.fired())
                .put("text", rule.text());
    }

    private static RuleReport rule(KeyValues fields) {
        return new RuleReport(
                fields.text("name").orElse("?"),
                fields.number("matched", 0),
                fields.number("fired", 0),
                fields.text("text").orElse(""));
    }

    /** The lines of scripts that wait for a moment. */
    record Steps(List<StepReport> steps) implements Report {
        static Steps read(Answer answer) throws ProtocolException {
            return new Steps(answer.each(line -> StepReport.parse(KeyValues.parse(line))));
        }

        @Override
        public Answer answer() {
            return Answer.data(steps, step -> step.fields().line());
        }
    }

    /** The requests that a rule holds. */
    record Requests(List<HeldRequest> requests) implements Report {
        static Requests read(Answer answer) throws ProtocolException {
            return new Requests(answer.each(line -> held(KeyValues.parse(line))));
        }

        @Override
        public Answer answer() {
            return Answer.data(
                    requests,
                    held -> new KeyValues()
                            .put("operation", held.operation().word())
                            .put("flags", held.flags())
                            .put("sector", held.sector())
                            .put("bytes", held.lengthBytes())
                            .put("millis", held.waiting().toMillis())
                            .line());
        }
    }

    private static HeldRequest held(KeyValues fields) {
        return new HeldRequest(
                JournalFields.operation(fields.text("operation").orElse("")),
                (int) fields.number("flags", 0),
                fields.number("sector", 0),
                fields.number("bytes", 0),
                Duration.ofMillis(fields.number("millis", 0)));
    }

    /** Changes that are acknowledged and not durable. */
    record Changes(List<UnflushedChange> changes) implements Report {
        static Changes read(Answer answer) throws ProtocolException {
            return new Changes(Report.changes(answer));
        }

        @Override
        public Answer answer() {
            return new Answer(lines(changes), "");
        }
    }

    private static List<UnflushedChange> changes(Answer answer) throws ProtocolException {
        return answer.each(line -> UnflushedChange.parse(KeyValues.parse(line)));
    }

    private static List<String> lines(List<UnflushedChange> changes) {
        return Answer.lines(changes, change -> change.fields().line());
    }

    /**
     * What a power cut took.
     *
     * @param text all of it, in words
     * @param changes the lost and the torn ones, the oldest first; of many thousands the first thousand
     */
    record Cut(String text, List<UnflushedChange> changes) implements Report {
        static Cut read(Answer answer) throws ProtocolException {
            return new Cut(answer.words().rest(), Report.changes(answer));
        }

        @Override
        public Answer answer() {
            return new Answer(lines(changes), ProtocolLine.text(text));
        }
    }

    /**
     * What a power cycle did.
     *
     * @param cut what the power cut took
     * @param disk the disk as it is now: another device, if files on it were open
     * @param problem why it could not be mounted again; empty if it was, or was not mounted before
     */
    record Cycle(Cut cut, KeyValues disk, Optional<String> problem) implements Report {
        static Cycle read(Answer answer) throws ProtocolException {
            KeyValues fields = answer.fields();
            Cut cut = new Cut(fields.text("lost").orElse(""), Report.changes(answer));
            Optional<String> problem = fields.text("problem");
            return new Cycle(cut, fields.put("lost", null).put("problem", null), problem);
        }

        @Override
        public Answer answer() {
            KeyValues fields = new KeyValues().put("lost", cut.text()).put("problem", problem.orElse(null));
            disk.map().forEach(fields::put);
            return new Answer(lines(cut.changes()), fields.line());
        }
    }

    /** Entries of the journal, the oldest first. */
    record Entries(List<Entry> entries) implements Report {
        static Entries read(Answer answer) throws ProtocolException {
            return new Entries(answer.each(line -> JournalFields.parse(KeyValues.parse(line))));
        }

        @Override
        public Answer answer() {
            return Answer.data(entries, entry -> JournalFields.of(entry).line());
        }
    }

    /**
     * What a recording has.
     *
     * @param epochs from flush to flush; one at least
     * @param changesBefore how many of its changes were made before it began, and were not durable then
     * @param bytes of memory for the data of its changes
     * @param endedBy why it ended before it was stopped; empty if it did not
     */
    record Recording(int epochs, long changes, long changesBefore, long bytes, String endedBy) implements Report {
        static Recording read(Answer answer) throws ProtocolException {
            KeyValues fields = answer.fields();
            return new Recording(
                    (int) fields.number("epochs", 0),
                    fields.number("changes", 0),
                    fields.number("changes-before", 0),
                    fields.number("bytes", 0),
                    fields.text("ended-by").orElse(""));
        }

        @Override
        public Answer answer() {
            return Answer.ok(new KeyValues()
                    .put("epochs", epochs)
                    .put("changes", changes)
                    .put("changes-before", changesBefore)
                    .put("bytes", bytes)
                    .put("ended-by", endedBy.isEmpty() ? null : endedBy)
                    .line());
        }
    }

    /** What became of a log of writes. */
    record Log(LogSummary summary) implements Report {
        static Log read(Answer answer) throws ProtocolException {
            return new Log(LogSummary.parse(answer.fields()));
        }

        @Override
        public Answer answer() {
            return Answer.ok(summary.fields().line());
        }
    }

    /**
     * A crash state of a sample.
     *
     * @param id its name
     * @param equalsStart whether the disk has the bytes that it had when the recording began
     */
    record State(String id, boolean equalsStart) {}

    /** Crash states, in the order of the epochs. */
    record States(List<State> states) implements Report {
        static States read(Answer answer) throws ProtocolException {
            return new States(answer.each(line ->
                    new State(line.next("a crash state"), KeyValues.parse(line).flag("equals-start", false))));
        }

        @Override
        public Answer answer() {
            return Answer.data(
                    states,
                    state -> state.id() + " "
                            + new KeyValues()
                                    .put("equals-start", state.equalsStart())
                                    .line());
        }
    }

    /**
     * A flush epoch.
     *
     * @param start the number of its first change
     * @param blockSectors the logical block of the disk, in sectors of 512 bytes
     */
    record FlushEpoch(long start, int blockSectors, List<RecordedChange> changes) implements Report {
        static FlushEpoch read(Answer answer) throws ProtocolException {
            KeyValues fields = answer.fields();
            return new FlushEpoch(
                    fields.number("start", 0),
                    (int) fields.number("block-sectors", 1),
                    answer.each(line -> recorded(KeyValues.parse(line))));
        }

        @Override
        public Answer answer() {
            return new Answer(
                    Answer.lines(
                            changes,
                            change -> new KeyValues()
                                    .put("number", change.number())
                                    .put("operation", change.operation().word())
                                    .put("sector", change.sectors().first())
                                    .put("sectors", change.sectors().count())
                                    .put("forced-at", change.forcedAt())
                                    .line()),
                    new KeyValues()
                            .put("start", start)
                            .put("block-sectors", blockSectors)
                            .line());
        }

        private static RecordedChange recorded(KeyValues fields) {
            return new RecordedChange(
                    fields.number("number", 0),
                    JournalFields.operation(fields.text("operation").orElse("")),
                    Extent.ofLength(fields.number("sector", 0), fields.number("sectors", 1)),
                    fields.number("forced-at", 0));
        }
    }
}
