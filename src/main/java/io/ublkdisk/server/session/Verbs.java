package io.ublkdisk.server.session;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.cache.PowerCut;
import io.ublkdisk.cache.SurvivalPolicy;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.JournalFields;
import io.ublkdisk.control.KeyValues;
import io.ublkdisk.control.Nearest;
import io.ublkdisk.control.ProtocolException;
import io.ublkdisk.control.ProtocolLine;
import io.ublkdisk.journal.Entry;
import io.ublkdisk.journal.Journal;
import io.ublkdisk.media.CorruptionPattern;
import io.ublkdisk.script.Script;
import io.ublkdisk.server.Disks;
import io.ublkdisk.server.ScriptRunner;
import io.ublkdisk.server.ServedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What can be asked of a server, verb by verb: reads the words, has it done, writes the answer. */
final class Verbs {
    private static final List<String> ALL = List.of(
            "hello",
            "ping",
            "features",
            "create",
            "prepare",
            "settle",
            "recover",
            "list",
            "info",
            "delete",
            "retire",
            "quiesce",
            "fault",
            "replace",
            "script",
            "rules",
            "clear",
            "stats",
            "unflushed",
            "mount",
            "unmount",
            "remount",
            "reset",
            "power-cut",
            "power-on",
            "mark",
            "marks-at-cut",
            "stop-marks",
            "timeline",
            "cleared",
            "release",
            "await-fired",
            "await-held",
            "held",
            "journal",
            "follow",
            "damage",
            "snapshot",
            "rewind");

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /** A cut can take many thousands of changes; these are enough to name the files that they were of. */
    private static final int MOST_LOST_TOLD = 1_000;

    private final Disks disks;
    private final ClientSession conversation;
    private final CrashVerbs crashes;

    Verbs(Disks disks, ClientSession conversation) {
        this.disks = disks;
        this.conversation = conversation;
        this.crashes = new CrashVerbs(disks, conversation);
    }

    /**
     * Does what a line asks for.
     *
     * @param data takes the lines of data
     * @return the last line, which says ok
     */
    String run(ProtocolLine words, Consumer<String> data) throws IOException, ProtocolException {
        String verb = words.next("a verb");
        return switch (verb) {
            case "hello" -> hello(words);
            case "ping" -> ok(words);
            case "features" -> {
                words.end();
                Features.names().forEach(data);
                yield "ok";
            }
            case "create" -> create(words);
            case "prepare" -> {
                disks.prepare(DiskSpec.parse(KeyValues.parse(words)), conversation.clientPid(), conversation);
                yield "ok";
            }
            case "settle" -> {
                disks.endPrepared(conversation);
                disks.awaitRetired();
                yield ok(words);
            }
            case "recover" -> recover(words);
            case "list" -> {
                words.end();
                disks.all().forEach(disk -> data.accept(disk.info().fields().line()));
                yield "ok";
            }
            default -> ofDisk(verb, words, data);
        };
    }

    private String ofDisk(String verb, ProtocolLine words, Consumer<String> data)
            throws IOException, ProtocolException {
        if (CrashVerbs.ALL.contains(verb)) {
            return crashes.run(verb, disks.named(words.next("a disk")), words, data);
        }
        if (!ALL.contains(verb)) {
            throw new ProtocolException("unknown verb '" + verb + "'" + Nearest.hint(verb, ALL));
        }
        ServedDisk disk = disks.named(words.next("a disk"));
        switch (verb) {
            case "info" -> data.accept(disk.info().fields().line());
            case "delete" -> delete(disk, words, data);
            case "retire" -> disks.retire(disk).forEach(leak -> data.accept(ProtocolLine.text(leak)));
            case "quiesce" -> disks.handBack(disk);
            case "fault" -> {
                return "ok " + ProtocolLine.join(disk.rules().add(words.rest()));
            }
            case "replace" -> {
                return "ok " + ProtocolLine.join(disk.rules().replace(words.rest()));
            }
            case "script" -> disk.rules().addScript(words.rest()).forEach(name -> data.accept(ProtocolLine.join(name)));
            case "rules" -> disk.rules().reports().forEach(rule -> data.accept(rule.line()));
            case "clear" -> disk.rules().clear(words.hasNext() ? Optional.of(words.next("a rule")) : Optional.empty());
            case "stats" -> data.accept(disk.stats().fields().line());
            case "unflushed" ->
                disk.unflushed().forEach(change -> data.accept(change.fields().line()));
            case "mount" -> {
                return mount(disk, KeyValues.parse(words).only(List.of("path", "options")));
            }
            case "unmount" -> disk.mounts().unmount().forEach(leak -> data.accept(ProtocolLine.text(leak)));
            case "remount" -> {
                return where(disk.mounts().remount());
            }
            case "reset" -> {
                return where(disk.contents().reset());
            }
            case "power-cut" -> {
                KeyValues fields = KeyValues.parse(words).only(List.of("keep", "seed"));
                PowerCut cut = disk.powerCut(survivors(fields));
                Stream.concat(cut.lost().stream(), cut.torn().stream())
                        .limit(MOST_LOST_TOLD)
                        .forEach(change ->
                                data.accept(ServedDisk.wire(change).fields().line()));
                return "ok " + ProtocolLine.text(cut.toString());
            }
            case "mark" -> {
                return "ok " + disk.mark(words.rest());
            }
            case "marks-at-cut" -> disk.marks().atCut().forEach(mark -> data.accept(ProtocolLine.text(mark)));
            case "stop-marks" -> disk.marks().stopAtCut();
            case "timeline" ->
                disk.rules()
                        .timeline()
                        .forEach(step -> data.accept(step.fields().line()));
            case "cleared" -> disk.rules().cleared().forEach(rule -> data.accept(rule.line()));
            case "release" -> {
                return "ok " + release(disk, words);
            }
            case "await-fired" -> {
                KeyValues fields = KeyValues.parse(words).only(List.of("rule", "times", "millis"));
                String rule = fields.text("rule").orElse("");
                return "ok "
                        + waited(() -> disk.rules()
                                .awaitFired(rule, fields.number("times", 1), limit(fields.number("millis", 0))));
            }
            case "await-held" -> {
                KeyValues fields = KeyValues.parse(words).only(List.of("rule", "millis"));
                String rule = fields.text("rule").orElse("");
                return "ok " + waited(() -> disk.rules().awaitHeld(rule, limit(fields.number("millis", 0))));
            }
            case "held" ->
                disk.rules()
                        .held(words.next("a rule"))
                        .forEach(r -> data.accept(r.fields().line()));
            case "journal" -> journal(disk, withRequests(words), data);
            case "follow" -> conversation.stream(disk.journal().readNew(withRequests(words)));
            case "damage" -> {
                KeyValues fields = KeyValues.parse(words).only(List.of("offset", "length", "with", "seed"));
                return "ok " + ProtocolLine.text(damage(disk, fields));
            }
            case "power-on" -> disk.powerOn();
            case "snapshot" -> disk.contents().snapshot(words.next("a name"));
            default -> {
                return where(disk.contents().rewind(words.next("a name")));
            }
        }
        return ok(words);
    }

    private String hello(ProtocolLine words) throws ProtocolException {
        KeyValues fields = KeyValues.parse(words).only(List.of("pid"));
        conversation.introduce(fields.number("pid", conversation.clientPid()));
        return "ok ublkdisk 1 pid=" + ProcessHandle.current().pid();
    }

    private String create(ProtocolLine words) throws IOException, ProtocolException {
        KeyValues fields = KeyValues.parse(words);
        boolean owned = fields.flag("owned", false);
        DiskSpec spec = DiskSpec.parse(fields.put("owned", null));
        return made(disks.create(spec, conversation.clientPid(), owned), owned);
    }

    private String recover(ProtocolLine words) throws IOException, ProtocolException {
        String word = words.next("a disk");
        boolean owned = KeyValues.parse(words).only(List.of("owned")).flag("owned", false);
        return made(disks.recover(word, conversation.clientPid()), owned);
    }

    private String made(ServedDisk disk, boolean owned) {
        if (owned) {
            conversation.own(disk);
        }
        return "ok " + disk.info().fields().line();
    }

    private void delete(ServedDisk disk, ProtocolLine words, Consumer<String> data)
            throws DiskException, ProtocolException {
        boolean force = words.hasNext();
        if (force && !words.next("force").equals("force")) {
            throw new ProtocolException("after the disk there may be 'force', and nothing else");
        }
        if (!force) {
            disk.mounts().refuseWhileMounted();
        }
        disks.delete(disk).forEach(leak -> data.accept(ProtocolLine.text(leak)));
    }

    private String mount(ServedDisk disk, KeyValues fields) throws IOException {
        Optional<Path> where = fields.text("path").map(Path::of);
        String options = fields.text("options").orElse("");
        return where(disk.mounts().mount(conversation.clientPid(), where, options, disks.mountFolder()));
    }

    private static boolean withRequests(ProtocolLine words) throws ProtocolException {
        if (!words.hasNext()) {
            return true;
        }
        String word = words.next("a word");
        if (!word.equals("events")) {
            throw new ProtocolException(
                    "after the disk there may be 'events', for those alone, and not '" + word + "'");
        }
        return false;
    }

    /** What is there when it is asked for, and not what comes while it is read. */
    private static void journal(ServedDisk disk, boolean withRequests, Consumer<String> data) throws DiskException {
        Journal.Reader reader = disk.journal().readAll(withRequests);
        long end = disk.journal().lastSequence();
        waited(() -> {
            List<Entry> some = reader.next(Duration.ZERO);
            while (!some.isEmpty() && some.get(0).sequence() <= end) {
                some.stream()
                        .filter(entry -> entry.sequence() <= end)
                        .forEach(entry -> data.accept(JournalFields.of(entry).line()));
                some = reader.next(Duration.ZERO);
            }
            return end;
        });
    }

    private static String damage(ServedDisk disk, KeyValues fields) {
        CorruptionPattern pattern = CorruptionPattern.named(fields.text("with").orElse("flip"));
        OptionalLong seed =
                fields.text("seed").isPresent() ? OptionalLong.of(fields.number("seed", 0)) : OptionalLong.empty();
        return disk.damage(fields.number("offset", -1), fields.number("length", 1), pattern, seed);
    }

    private static SurvivalPolicy survivors(KeyValues fields) {
        String keep = fields.text("keep").orElse("none");
        return ScriptRunner.survivalPolicy(Script.parseKeep(keep), fields.number("seed", 0));
    }

    private static int release(ServedDisk disk, ProtocolLine words) throws DiskException, ProtocolException {
        Optional<String> rule = words.hasNext() ? Optional.of(words.next("a rule")) : Optional.empty();
        Optional<BlockStatus> failing = Optional.empty();
        if (words.hasNext()) {
            String name = words.next("a status");
            failing = BlockStatus.named(name).filter(status -> status != BlockStatus.OK);
            if (failing.isEmpty()) {
                throw new IllegalArgumentException("'" + name + "' is no status that a request can fail with; write for"
                        + " instance IO or MEDIUM");
            }
        }
        words.end();
        return disk.rules().release(rule, failing);
    }

    private static Duration limit(long millis) {
        if (millis < 0 || millis > LONGEST_WAIT.toMillis()) {
            throw new IllegalArgumentException(
                    "to wait " + millis + " ms: write 0 to " + LONGEST_WAIT.toMillis() + " ms");
        }
        return Duration.ofMillis(millis);
    }

    private interface Wait {
        long run() throws DiskException, InterruptedException;
    }

    private static long waited(Wait wait) throws DiskException {
        try {
            return wait.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DiskException("the server ends, and waits for no rule any more");
        }
    }

    private static String where(Optional<Path> mountPoint) {
        return mountPoint
                .map(path -> "ok " + ProtocolLine.join(path.toString()))
                .orElse("ok");
    }

    private static String ok(ProtocolLine words) throws ProtocolException {
        words.end();
        return "ok";
    }
}
