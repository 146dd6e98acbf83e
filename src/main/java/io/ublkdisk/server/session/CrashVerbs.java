package io.ublkdisk.server.session;

import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.IoErrorText;
import io.ublkdisk.control.KeyValues;
import io.ublkdisk.control.ProtocolException;
import io.ublkdisk.control.ProtocolLine;
import io.ublkdisk.crash.CrashState;
import io.ublkdisk.crash.Epoch;
import io.ublkdisk.crash.Sample;
import io.ublkdisk.disk.Recording;
import io.ublkdisk.disk.Snapshot;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ScriptRunner;
import io.ublkdisk.server.ServedDisk;
import io.ublkdisk.server.log.LogWritesFile;
import io.ublkdisk.server.log.RecordingLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What can be asked of a server about crashes: recordings, their states, and disks that are what a crash would leave. */
final class CrashVerbs {
    static final List<String> ALL = List.of(
            "record",
            "stop-recording",
            "log-recording",
            "log-writes",
            "end-log-writes",
            "save",
            "crash-states",
            "epoch",
            "marks",
            "crash-image",
            "crash-state",
            "replug",
            "show-state",
            "show-image",
            "check");

    private final Disks disks;
    private final ClientSession conversation;

    CrashVerbs(Disks disks, ClientSession conversation) {
        this.disks = disks;
        this.conversation = conversation;
    }

    String run(String verb, ServedDisk disk, ProtocolLine words, Consumer<String> data)
            throws IOException, ProtocolException {
        return switch (verb) {
            case "record" -> {
                words.end();
                disk.recorded().begin();
                yield "ok";
            }
            case "stop-recording" -> {
                words.end();
                yield "ok " + summary(disk.recorded().stopped()).line();
            }
            case "log-recording" -> {
                Path path = Path.of(words.next("the path of a file"));
                words.end();
                yield "ok " + logged(disk, path).line();
            }
            case "log-writes" -> {
                Path path = Path.of(words.next("the path of a file"));
                words.end();
                disk.recorded().logTo(path, conversation.pathOfClient(path));
                yield "ok";
            }
            case "end-log-writes" -> {
                words.end();
                LogWritesFile log = disk.recorded().endedLog();
                yield "ok "
                        + summary(log.path(), log.entries(), log.bytes(), log.endedBy())
                                .line();
            }
            case "save" -> {
                Path path = Path.of(words.next("the path of a file"));
                words.end();
                yield "ok " + disk.contents().save(path, conversation.pathOfClient(path));
            }
            case "crash-states" -> {
                Sample sample = sample(KeyValues.parse(words));
                disk.recorded()
                        .stopped()
                        .sampled(sample)
                        .forEach(state -> data.accept(state.state().id() + " "
                                + new KeyValues()
                                        .put("equals-start", state.equalsStart())
                                        .line()));
                yield "ok";
            }
            case "epoch" -> epoch(disk, words, data);
            case "marks" -> {
                CrashState state = disk.recorded().state(words.next("a crash state"));
                words.end();
                disk.recorded().recording().marks(state).forEach(mark -> data.accept(ProtocolLine.text(mark)));
                yield "ok";
            }
            case "crash-image" ->
                crashImage(disk, KeyValues.parse(words).only(List.of("keep", "seed", "name", "owned")));
            case "crash-state" -> {
                String id = words.next("a crash state");
                KeyValues fields = KeyValues.parse(words).only(List.of("name", "owned"));
                try (Snapshot image =
                        disk.recorded().recording().image(disk.recorded().state(id))) {
                    yield made(disk, image, fields);
                }
            }
            case "replug" -> {
                words.end();
                disk.replug();
                yield "ok " + disk.info().fields().line();
            }
            case "show-state" -> showState(disk, words);
            case "show-image" -> showImage(disk, words);
            default -> {
                words.end();
                disk.mounts().check().ifPresent(wrong -> data.accept(ProtocolLine.text(wrong)));
                yield "ok";
            }
        };
    }

    private static KeyValues summary(Recording recording) {
        return new KeyValues()
                .put("epochs", recording.epochCount())
                .put("changes", recording.changeCount())
                .put("changes-before", recording.changesBefore())
                .put("bytes", recording.dataBytes())
                .put("ended-by", endedBy(recording.endedBy()));
    }

    private KeyValues logged(ServedDisk disk, Path path) throws DiskException {
        Recording recording = disk.recorded().stopped();
        disk.files().checkOther("the log of the recording", path, conversation.pathOfClient(path));
        try (RecordingLog log = new RecordingLog(conversation.pathOfClient(path))) {
            log.write(recording);
            return summary(path, log.entries(), log.bytes(), recording.endedBy());
        } catch (IOException e) {
            throw new DiskException(
                    "the recording of " + disk + " cannot be written to " + path + ": " + IoErrorText.ofWriting(e), e);
        }
    }

    /** As {@link io.ublkdisk.control.LogSummary} reads it. */
    private static KeyValues summary(Path log, long entries, long bytes, String endedBy) {
        return new KeyValues()
                .put("path", log)
                .put("entries", entries)
                .put("bytes", bytes)
                .put("ended-by", endedBy(endedBy));
    }

    private static String endedBy(String why) {
        return why.isEmpty() ? null : why;
    }

    private static Sample sample(KeyValues asked) throws ProtocolException {
        KeyValues fields = asked.only(List.of("per-epoch", "tears", "seed", "atomic-sectors"));
        return new Sample(
                (int) Math.min(Integer.MAX_VALUE, fields.number("per-epoch", Sample.DEFAULT.perEpoch())),
                fields.flag("tears", Sample.DEFAULT.tears()),
                fields.number("seed", Sample.DEFAULT.seed()),
                (int) Math.min(Integer.MAX_VALUE, fields.number("atomic-sectors", 0)));
    }

    private static String epoch(ServedDisk disk, ProtocolLine words, Consumer<String> data)
            throws DiskException, ProtocolException {
        Epoch epoch;
        try {
            epoch = disk.recorded().stopped().epoch(Integer.parseInt(words.next("the number of an epoch")));
        } catch (NumberFormatException e) {
            throw new ProtocolException("the number of an epoch is expected");
        }
        words.end();
        epoch.changes()
                .forEach(change -> data.accept(new KeyValues()
                        .put("number", change.number())
                        .put("operation", change.operation().word())
                        .put("sector", change.sectors().first())
                        .put("sectors", change.sectors().count())
                        .put("forced-at", change.forcedAt())
                        .line()));
        return "ok "
                + new KeyValues()
                        .put("start", epoch.startPoint())
                        .put("block-sectors", epoch.blockSectors())
                        .line();
    }

    private String crashImage(ServedDisk disk, KeyValues fields) throws IOException {
        try (Snapshot image = disk.crashImage(survivors(fields))) {
            return made(disk, image, fields);
        }
    }

    private String made(ServedDisk origin, Snapshot image, KeyValues fields) throws IOException {
        ServedDisk made = disks.createLike(origin, image, fields.text("name"));
        if (fields.flag("owned", false)) {
            conversation.own(made);
        }
        return "ok " + made.info().fields().line();
    }

    private static SurvivalPolicy survivors(KeyValues fields) {
        return ScriptRunner.survivalPolicy(
                Script.parseKeep(fields.text("keep").orElse("none")), fields.number("seed", 0));
    }

    /** Gives another disk the contents of a state, and mounts it if that is asked for. */
    private String showState(ServedDisk disk, ProtocolLine words) throws IOException, ProtocolException {
        String id = words.next("a crash state");
        ServedDisk on = disks.named(words.next("the disk that gets its bytes"));
        KeyValues fields = KeyValues.parse(words).only(List.of("mount", "options"));
        CrashState state = disk.recorded().state(id);
        try (Snapshot image = disk.recorded().recording().image(state)) {
            return shown(on, image, fields);
        }
    }

    /** Returns the same with the contents that a power cut now would leave on this one. */
    private String showImage(ServedDisk disk, ProtocolLine words) throws IOException, ProtocolException {
        ServedDisk on = disks.named(words.next("the disk that gets its bytes"));
        KeyValues fields = KeyValues.parse(words).only(List.of("keep", "seed", "mount", "options"));
        try (Snapshot image = disk.crashImage(survivors(fields))) {
            return shown(on, image, fields);
        }
    }

    private String shown(ServedDisk on, Snapshot image, KeyValues fields) throws IOException {
        Optional<String> mounting =
                fields.flag("mount", false) ? Optional.of(fields.text("options").orElse("")) : Optional.empty();
        return on.contents()
                .show(image, mounting, conversation.clientPid(), disks.mountFolder())
                .map(where -> "ok " + ProtocolLine.join(where.toString()))
                .orElse("ok");
    }
}
