package io.ublkdisk.cli;

import io.ublkdisk.block.Request;
import io.ublkdisk.cli.disk.DiskCommand;
import io.ublkdisk.cli.disk.Json;
import io.ublkdisk.control.JournalFollower;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.protocol.JournalFields;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints what happened to a disk, one line each. */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = {
            "What happened to a disk: the last requests, faults, marks and power cuts, the oldest first.",
            "Times are seconds since the disk was made; sectors have 512 bytes."
        })
final class JournalCommand extends DiskCommand {
    @Option(names = "--follow", description = "What happens from now on, as it happens, until the disk ends or Ctrl-C.")
    private boolean follow;

    @Option(names = "--events", description = "Without the requests: faults, marks, power cuts.")
    private boolean events;

    @Option(names = "--json", description = "For programs: one object a line.")
    private boolean json;

    @Option(
            names = "--log-writes",
            paramLabel = "FILE",
            description = "From now on all that becomes durable, with its data, goes into this file, as dm-log-writes"
                    + " does; after what the disk has now, and with its marks.")
    private Path logWrites;

    @Option(names = "--end-log-writes", description = "No more of that; prints how much there is.")
    private boolean endLogWrites;

    @Override
    protected void run(RemoteDisk disk, PrintWriter out) throws IOException {
        if (endLogWrites) {
            out.println(disk.endLogWrites());
        }
        if (logWrites != null) {
            disk.logWrites(logWrites.toAbsolutePath());
        }
        if (!endLogWrites && logWrites == null) {
            print(disk, out);
        }
    }

    private void print(RemoteDisk disk, PrintWriter out) throws IOException {
        if (follow) {
            try (JournalFollower follower = disk.follow(events, (entry, lost) -> print(entry, lost, out))) {
                follower.awaitEnd();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            List<Entry> entries = events ? disk.journalOfEvents() : disk.journal();
            entries.forEach(entry -> print(entry, 0, out));
        }
    }

    private void print(Entry entry, long lost, PrintWriter out) {
        if (json) {
            out.println(Json.object(
                    JournalFields.of(entry).put("lost", lost == 0 ? null : lost),
                    "kind",
                    "rule",
                    "operation",
                    "status",
                    "text"));
            return;
        }
        if (lost > 0) {
            out.println("… " + lost + " not seen, they came too fast …");
        }
        out.println(line(entry));
    }

    static String line(Entry entry) {
        String what = String.format("%8d %14.6f  ", entry.sequence(), entry.timeNanos() / 1e9);
        return what
                + switch (entry.kind()) {
                    case REQUEST ->
                        String.format(
                                "%-34s %-9s in %d us, epoch %d%s",
                                request(entry),
                                entry.status(),
                                entry.tookNanos() / 1_000,
                                entry.epoch(),
                                entry.rule().isEmpty() ? "" : ", rule " + entry.rule());
                    case FAULT -> "FAULT " + entry.rule() + ": " + request(entry) + " " + entry.text();
                    default -> entry.kind().word().toUpperCase(Locale.ROOT) + " " + entry.text();
                };
    }

    private static String request(Entry entry) {
        return (entry.request() == 0 ? "" : "#" + entry.request() + " ")
                + entry.operation().word()
                + (entry.sectorCount() == 0 ? "" : " " + entry.sector() + "+" + entry.sectorCount())
                + ((entry.flags() & Request.FUA) == 0 ? "" : " fua")
                + ((entry.flags() & Request.META) == 0 ? "" : " metadata");
    }
}
