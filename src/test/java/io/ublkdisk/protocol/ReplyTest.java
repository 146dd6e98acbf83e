package io.ublkdisk.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Extent;
import io.ublkdisk.block.HeldRequest;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Request;
import io.ublkdisk.crash.RecordedChange;
import io.ublkdisk.fault.RuleReport;
import io.ublkdisk.journal.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplyTest {
    private static final String ODD = "a b\\c\nd=e";
    private static final List<UnflushedChange> CHANGES =
            List.of(new UnflushedChange(3, Operation.WRITE, new Extent(8, 15)));

    private interface Reader {
        Reply read(Answer answer) throws ProtocolException;
    }

    private static void readsBack(Reply reply, Reader reader) throws ProtocolException {
        Answer answer = reply.answer();
        assertThat(answer.data()).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
        assertThat(answer.ok()).doesNotContain("\n");
        assertThat(reader.read(answer).toString()).isEqualTo(reply.toString());
    }

    @Test
    void eachReadsBackFromItsLines() throws ProtocolException {
        readsBack(new Reply.Done(), Reply.Done::read);
        readsBack(new Reply.Greeting(2, 17), Reply.Greeting::read);
        readsBack(new Reply.Number(-4), Reply.Number::read);
        readsBack(new Reply.Word(ODD), Reply.Word::read);
        readsBack(new Reply.Names(List.of("r", ODD)), Reply.Names::read);
        readsBack(new Reply.Text(ODD), Reply.Text::read);
        readsBack(new Reply.Texts(List.of("", ODD)), Reply.Texts::read);
        readsBack(new Reply.Disk(new KeyValues().put("name", ODD)), Reply.Disk::read);
        readsBack(new Reply.Disks(List.of(new KeyValues().put("id", 1))), Reply.Disks::read);
        readsBack(new Reply.MountedAt(Optional.of(Path.of("/a b"))), Reply.MountedAt::read);
        readsBack(new Reply.MountedAt(Optional.empty()), Reply.MountedAt::read);
    }

    @Test
    void eachReportReadsBackFromItsLines() throws ProtocolException {
        readsBack(new Report.Rules(List.of(new RuleReport("r", 3, 2, "on read fail IO"))), Report.Rules::read);
        readsBack(
                new Report.Steps(List.of(new StepReport("at mark \"m\" power-cut", "", "waiting"))),
                Report.Steps::read);
        readsBack(
                new Report.Requests(
                        List.of(new HeldRequest(Operation.WRITE, Request.FUA, 8, 512, Duration.ofMillis(3)))),
                Report.Requests::read);
        readsBack(new Report.Changes(CHANGES), Report.Changes::read);
        readsBack(new Report.Cut("1 unflushed change lost", CHANGES), Report.Cut::read);
        Report.Cut cut = new Report.Cut("1 unflushed change lost", CHANGES);
        KeyValues disk = new KeyValues().put("id", 3).put("name", "a");
        readsBack(new Report.Cycle(cut, disk, Optional.of(ODD)), Report.Cycle::read);
        readsBack(new Report.Cycle(cut, disk, Optional.empty()), Report.Cycle::read);
        readsBack(
                new Report.Statistics(new DiskStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, false, 12, 13, 14, 15)),
                Report.Statistics::read);
        readsBack(
                new Report.Entries(
                        List.of(new Entry(1, 2, Entry.Kind.MARK, 0, null, 0, 0, 0, BlockStatus.OK, 0, 0, "", ODD))),
                Report.Entries::read);
        readsBack(new Report.Recording(1, 2, 3, 4, ""), Report.Recording::read);
        readsBack(new Report.Recording(1, 2, 3, 4, ODD), Report.Recording::read);
        readsBack(new Report.Log(new LogSummary(Path.of("/a b"), 1, 2, "")), Report.Log::read);
        readsBack(new Report.States(List.of(new Report.State("e1:3", true))), Report.States::read);
        readsBack(
                new Report.FlushEpoch(4, 8, List.of(new RecordedChange(4, Operation.DISCARD, new Extent(0, 7), 9))),
                Report.FlushEpoch::read);
    }

    @Test
    void whatIsNoReplyIsSaid() {
        assertThatThrownBy(() -> Reply.Number.read(new Answer(List.of(), "many")))
                .hasMessage("'many' is not a number");
        assertThatThrownBy(() -> Report.Statistics.read(new Answer(List.of(), "")))
                .hasMessageContaining("one line of data");
    }
}
