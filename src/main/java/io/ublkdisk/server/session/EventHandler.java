package io.ublkdisk.server.session;

import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.protocol.EventCommand;
import io.ublkdisk.protocol.Reply;
import io.ublkdisk.protocol.Report;
import io.ublkdisk.server.Disks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads the journal of a disk, and sets marks. */
final class EventHandler implements EventCommand.Handler {
    private final Disks disks;
    private final ClientSession session;

    EventHandler(Disks disks, ClientSession session) {
        this.disks = disks;
        this.session = session;
    }

    /** Reads what is there when it is asked for, and not what comes while it is read. */
    @Override
    public Report.Entries readJournal(EventCommand.ReadJournal command) throws IOException {
        Journal journal = disks.named(command.disk()).journal();
        Journal.Reader reader = journal.readAll(!command.eventsOnly());
        long end = journal.lastSequence();
        List<Entry> entries = new ArrayList<>();
        Wait.out(() -> {
            List<Entry> some = reader.next(Duration.ZERO);
            while (!some.isEmpty() && some.get(0).sequence() <= end) {
                some.stream().filter(entry -> entry.sequence() <= end).forEach(entries::add);
                some = reader.next(Duration.ZERO);
            }
            return end;
        });
        return new Report.Entries(entries);
    }

    @Override
    public Reply.Done follow(EventCommand.Follow command) throws IOException {
        session.stream(disks.named(command.disk()).journal().readNew(!command.eventsOnly()));
        return new Reply.Done();
    }

    @Override
    public Reply.Number setMark(EventCommand.SetMark command) throws IOException {
        return new Reply.Number(disks.named(command.disk()).mark(command.text()));
    }

    @Override
    public Reply.Texts marksAtCut(EventCommand.MarksAtCut command) throws IOException {
        return new Reply.Texts(disks.named(command.disk()).marks().atCut());
    }

    @Override
    public Reply.Done stopMarks(EventCommand.StopMarks command) throws IOException {
        disks.named(command.disk()).marks().stopAtCut();
        return new Reply.Done();
    }
}
