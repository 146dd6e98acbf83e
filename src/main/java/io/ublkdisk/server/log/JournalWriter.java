package io.ublkdisk.server.log;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.Clock;
import io.ublkdisk.block.Request;
import io.ublkdisk.disk.Drive;
import io.ublkdisk.disk.RequestListener;
import io.ublkdisk.fault.FaultListener;
import io.ublkdisk.fault.Rule;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.protocol.KeyValues;
import java.io.IOException;
import java.nio.file.Path;

/** Writes down what happens to a drive: into its journal, and faults also as events of the JDK's Flight Recorder. */
public final class JournalWriter implements RequestListener, FaultListener, AutoCloseable {
    private final Journal journal;
    private final String device;
    private JournalFile file;

    /** @param requestCount how many requests are kept; with 0 the drive does nothing for it */
    public JournalWriter(Drive drive, String device, int requestCount) {
        this.journal = new Journal(requestCount, Clock::nanos);
        this.device = device;
        drive.listen(requestCount > 0 ? this : null, this);
    }

    public Journal journal() {
        return journal;
    }

    @Override
    public long arrived(Request request) {
        return journal.arrived();
    }

    @Override
    public void ended(Request request, long number, long arrivedNanos, BlockStatus status, long epoch, String rule) {
        journal.ended(request, number, arrivedNanos, status, epoch, rule);
    }

    @Override
    public void fired(Rule rule, Request request) {}

    @Override
    public void applied(Request request, long number, Rule rule, BlockStatus status, String change) {
        journal.fault(request, number, rule.name(), status, change);
        InjectedFault event = new InjectedFault();
        if (event.shouldCommit()) {
            event.rule = rule.name();
            event.effect = rule.effect().text();
            event.operation = request.operation().word();
            event.sector = request.sector();
            event.length = request.lengthBytes();
            event.device = device;
            event.change = change;
            event.commit();
        }
    }

    @Override
    public void power(String text) {
        journal.event(Entry.Kind.POWER, text);
    }

    /** Writes everything to that file too, from now on. */
    public void alsoTo(Path path, KeyValues about) throws IOException {
        file = new JournalFile(journal, path, about);
    }

    /** Ends the journal. A reader that follows it learns that nothing more will come, and its file is complete. */
    @Override
    public void close() {
        journal.close();
        if (file != null) {
            file.close();
        }
    }
}
