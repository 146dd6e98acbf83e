package io.ublkdisk.cli;

import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.JournalReader;
import io.ublkdisk.control.ReplaySource;
import io.ublkdisk.journal.FileTarget;
import io.ublkdisk.journal.LogEntry;
import io.ublkdisk.journal.LogPart;
import io.ublkdisk.journal.LogReader;
import io.ublkdisk.journal.Replay;
import io.ublkdisk.journal.SameFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Does again what a log of writes says. Needs no disk and no kernel of its own. The words are those of xfstests' replay-log. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Do again what a log of dm-log-writes says, ours or the kernel's, onto a device or a file.",
            "FILE is such a log, the log device itself, or a journal that was written beside one.",
            "Without --to: what is in it. Entries are numbered from 0."
        })
final class ReplayCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Parameters(index = "0", paramLabel = "FILE", description = "The log, or the journal.")
    private Path file;

    @Option(
            names = {"--to", "--replay"},
            paramLabel = "FILE|DEVICE",
            description = "Where: a device, or a file, which is made if it does not exist.")
    private Path to;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "How large a file is to be, where the log does not say.")
    private String size;

    @Option(names = "--start-entry", paramLabel = "N", description = "The first entry.")
    private long startEntry;

    @Option(names = "--start-mark", paramLabel = "MARK", description = "The first entry is the one behind this mark.")
    private String startMark;

    @Option(names = "--end-mark", paramLabel = "MARK", description = "The last entry is this mark.")
    private String endMark;

    @Option(names = "--limit", paramLabel = "N", description = "So many entries at most; with 0, no entry.")
    private Long limit;

    @Option(names = "--next-flush", description = "The last entry is the next flush.")
    private boolean nextFlush;

    @Option(names = "--next-fua", description = "The last entry is the next write with FUA.")
    private boolean nextFua;

    @Option(names = "--no-discard", description = "Leave as it is what was discarded; else it is zeroes.")
    private boolean noDiscard;

    @Option(
            names = "--check",
            paramLabel = "flush|fua|N",
            description = "Run a command after each flush, each write with FUA, or each N entries.")
    private String check;

    @Option(
            names = {"--run", "--fsck"},
            paramLabel = "CMD",
            description = "That command, for sh. When it fails the replay ends there.")
    private String run;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print the entries.")
    private boolean verbose;

    @Override
    public Integer call() throws IOException {
        if ((check == null) != (run == null)) {
            throw new IllegalArgumentException("--check says when and --run says what; give both, or none");
        }
        if (check != null && to == null) {
            throw new IllegalArgumentException(
                    "--check without --to: there is nothing to look at; say where to replay");
        }
        LogPart part = new LogPart(
                startEntry,
                Optional.ofNullable(startMark),
                Optional.ofNullable(endMark),
                limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
                nextFlush,
                nextFua);
        PrintWriter out = command.commandLine().getOut();
        if (to == null && JournalReader.looksLikeOne(file)) {
            JournalReader.read(file).entries().forEach(entry -> out.println(JournalCommand.line(entry)));
            return 0;
        }
        try (ReplaySource source = ReplaySource.open(file)) {
            if (to == null) {
                describe(source, part, out);
            } else {
                replay(source, part, out);
            }
            return 0;
        }
    }

    private void describe(ReplaySource source, LogPart part, PrintWriter out) throws IOException {
        LogReader log = source.log();
        out.println(log.path() + ": dm-log-writes version 1, sectors of " + log.sectorBytes() + " bytes, "
                + log.entryCount() + " entries"
                + (source.sizeBytes().isPresent()
                        ? ", of a disk of " + ByteSize.print(source.sizeBytes().getAsLong())
                        : ""));
        part.visit(log, entry -> {
            if (verbose || entry.isMark()) {
                out.println(entry);
            }
        });
    }

    private void replay(ReplaySource source, LogPart part, PrintWriter out) throws IOException {
        refuseWhileMounted();
        refuseOntoItself(source);
        ReplayCheck checks = check == null ? null : new ReplayCheck(check, run, to);
        boolean isNew = Files.notExists(to);
        boolean[] hasBegun = {false};
        try (FileTarget target = new FileTarget(to, sizeBytes(source))) {
            Replay.Summary done = new Replay(source.log(), target, !noDiscard).run(part, entry -> {
                hasBegun[0] = true;
                if (verbose) {
                    out.println(entry);
                }
                if (checks != null) {
                    checks.after(entry, target);
                }
            });
            out.println(summary(done) + (checks == null ? "" : "; checked " + checks.count() + " times"));
        } catch (IOException e) {
            if (isNew && !hasBegun[0]) {
                Files.deleteIfExists(to);
            }
            throw e;
        }
    }

    private static String summary(Replay.Summary done) {
        LogEntry last = done.last();
        return done.entries() + " entries, " + done.writtenBytes() + " bytes written, " + done.discardedBytes()
                + " discarded" + (last == null ? "" : "; the last is " + last);
    }

    private long sizeBytes(ReplaySource source) {
        return size != null ? ByteSize.parse(size) : source.sizeBytes().orElse(0);
    }

    private void refuseOntoItself(ReplaySource source) throws IOException {
        List<Path> read = List.of(file, source.log().path());
        if (SameFile.among(read, to).isPresent()) {
            throw new IllegalArgumentException("--to " + to + " is the log itself, " + read.get(0)
                    + ": replaying would write over it; name another file");
        }
    }

    private void refuseWhileMounted() throws IOException {
        Path mounts = Path.of("/proc/self/mounts");
        if (!Files.isRegularFile(to) && Files.exists(to) && Files.exists(mounts)) {
            String device = to.toRealPath() + " ";
            for (String line : Files.readAllLines(mounts)) {
                if (line.startsWith(device)) {
                    throw new IOException(to + " is mounted on " + line.split(" ")[1] + "; unmount it first");
                }
            }
        }
    }
}
