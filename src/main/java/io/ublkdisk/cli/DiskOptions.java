package io.ublkdisk.cli;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.ReplaySource;
import io.ublkdisk.control.Settings;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What a disk is to be, as {@code run} and {@code add} take it. */
final class DiskOptions {
    @Option(names = "--name", paramLabel = "NAME", description = "What to call it; as its device by default.")
    private String name;

    @Option(names = "--size", paramLabel = "SIZE", description = "For instance 256MiB (the default) or 1G.")
    private String size;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Keep the bytes in this file, which has what is durable; made where --size is given.")
    private Path file;

    @Option(names = "--queues", paramLabel = "Q", description = "Hardware queues, each with a thread; 1.")
    private Integer queues;

    @Option(names = "--depth", paramLabel = "D", description = "Requests in flight for each queue; 64.")
    private Integer depth;

    @Option(names = "--block-size", paramLabel = "BYTES", description = "Logical block size: 512 (default) to 4096.")
    private Integer blockSize;

    @Option(names = "--no-cache", description = "No volatile cache: every write is durable, and no FLUSH comes.")
    private boolean noCache;

    @Option(
            names = "--cache-size",
            paramLabel = "SIZE",
            description = "What the volatile cache holds before it writes the oldest back unasked; 256MiB.")
    private String cacheSize;

    @Option(
            names = "--recovery",
            paramLabel = "HOW",
            arity = "0..1",
            fallbackValue = "wait",
            description =
                    "The disk outlives its server, for ublkdisk recover. What the dead server had fails and the rest"
                            + " waits (wait, the default), or all waits (reissue), or all fails (fail-io). No volatile cache then.")
    private String recovery;

    @Option(
            names = "--cache",
            description = "With --recovery: a volatile cache all the same, which dies with the server.")
    private boolean cache;

    @Option(names = "--read-only", description = "A disk that cannot be written.")
    private boolean readOnly;

    @Option(names = "--script", paramLabel = "FILE", description = "Rules that are in force from the start.")
    private Path script;

    @Option(names = "-e", paramLabel = "RULE", description = "One more rule; may be given again.")
    private List<String> rules = List.of();

    @Option(names = "--seed", paramLabel = "S", description = "What all chance comes from; printed by list.")
    private Long seed;

    @Option(names = "--journal", paramLabel = "N", description = "Keep the last N requests in the journal; 8192.")
    private Integer journal;

    @Option(names = "--journal-file", paramLabel = "FILE", description = "Write the whole journal to this file too.")
    private Path journalFile;

    @Option(
            names = "--log-writes",
            paramLabel = "FILE",
            description = "Write all that becomes durable, with its data, to this file, as dm-log-writes does.")
    private Path logWrites;

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description =
                    "Begin with the bytes that this log makes: of dm-log-writes, or in a bundle of a failed test.")
    private Path replay;

    @Option(names = "--replay-to", paramLabel = "MARK", description = "That log up to this mark.")
    private String replayTo;

    /** @throws IllegalArgumentException for what cannot be, rules included */
    DiskSpec spec() throws IOException {
        return DiskSpec.builder()
                .set(Settings.NAME, name)
                .set(Settings.SIZE, replay != null && size == null ? sizeOfReplayed() : bytes(size))
                .set(Settings.FILE, absolute(file))
                .set(Settings.QUEUES, queues)
                .set(Settings.DEPTH, depth)
                .set(Settings.BLOCK_SIZE, blockSize)
                .set(Settings.CACHE, cache || noCache ? !noCache : null)
                .set(Settings.CACHE_SIZE, bytes(cacheSize))
                .set(Settings.RECOVERY, recovery == null ? null : Recovery.named(recovery))
                .set(Settings.READ_ONLY, readOnly)
                .set(Settings.SCRIPT, script())
                .set(Settings.SEED, seed)
                .set(Settings.JOURNAL, journal)
                .set(Settings.JOURNAL_FILE, absolute(journalFile))
                .set(Settings.LOG_WRITES, absolute(logWrites))
                .set(Settings.REPLAY, absolute(replay))
                .set(Settings.REPLAY_TO, replayTo)
                .build();
    }

    private static Path absolute(Path path) {
        return path == null ? null : path.toAbsolutePath();
    }

    private static Long bytes(String text) {
        return text == null ? null : Long.valueOf(ByteSize.parse(text));
    }

    private Long sizeOfReplayed() throws IOException {
        try (ReplaySource source = ReplaySource.open(replay)) {
            return source.sizeBytes()
                    .orElseThrow(() -> new IllegalArgumentException(
                            replay + " does not say how large the disk was; say it: --size"));
        }
    }

    /** Reads each source by itself, so that a message names the source. */
    private String script() throws IOException {
        StringBuilder all = new StringBuilder();
        if (script != null) {
            all.append(ScriptFile.read(script));
        }
        for (String rule : rules) {
            all.append(Script.parse(rule, "-e"));
        }
        return all.toString();
    }
}
