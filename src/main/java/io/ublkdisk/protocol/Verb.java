package io.ublkdisk.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The verbs of the protocol: the first word of each line that a client sends, and what docs/protocol.md says about it. */
public enum Verb {
    HELLO(
            Subject.SESSION,
            "hello",
            "[pid=PID] [protocol=PROTOCOL]",
            "ok ublkdisk PROTOCOL pid=PID",
            "Introduces the client. Mounts are made in the mount namespace of PID. A client that sends no protocol speaks version 1; a client of another version than the server is refused."),
    PING(Subject.SESSION, "ping", "", "ok", "Does nothing; shows that the server answers."),
    FEATURES(
            Subject.SESSION,
            "features",
            "",
            ". NAME …",
            "Returns what the ublk driver of the kernel can do, by the names of ublk_cmd.h without UBLK_F_."),
    LIST(Subject.SESSION, "list", "", ". DISK-FIELDS …", "Returns the disks of the server."),
    PREPARE(
            Subject.SESSION,
            "prepare",
            "SETTINGS",
            "ok",
            "Makes a disk in the background for the next create with the same settings. It goes with the connection."),
    SETTLE(
            Subject.SESSION,
            "settle",
            "",
            "ok",
            "Gives up what the connection has prepared, and returns when retired disks are gone."),
    CREATE(
            Subject.LIFE,
            "create",
            "SETTINGS [owned=FLAG]",
            "ok DISK-FIELDS",
            "Makes a disk: formatted, mounted, its rules in force. A disk with owned=true ends with this connection."),
    RECOVER(
            Subject.LIFE,
            "recover",
            "DISK [owned=FLAG]",
            "ok DISK-FIELDS",
            "Serves a disk whose server is gone, or has quiesced it."),
    INFO(Subject.LIFE, "info", "DISK", ". DISK-FIELDS", "Returns what the disk is."),
    STATS(Subject.LIFE, "stats", "DISK", ". reads=N writes=N …", "Returns what the disk has been asked and has done."),
    DELETE(
            Subject.LIFE,
            "delete",
            "DISK [force]",
            ". USER …",
            "Deletes the disk; a mounted one only with force. Returns who still used it."),
    RETIRE(
            Subject.LIFE,
            "retire",
            "DISK",
            ". USER …",
            "Unmounts the disk and returns; the device goes while the caller goes on."),
    QUIESCE(
            Subject.LIFE,
            "quiesce",
            "DISK",
            "ok",
            "Leaves device and mounts to the next server. Needs a disk with recovery, and Linux 6.16."),
    MOUNT(
            Subject.MOUNT,
            "mount",
            "DISK [path=PATH] [options=OPTIONS]",
            "ok PATH",
            "Mounts the disk in the mount namespace of the client."),
    UNMOUNT(Subject.MOUNT, "unmount", "DISK", ". USER …", "Unmounts the disk everywhere. Returns who still used it."),
    REMOUNT(
            Subject.MOUNT,
            "remount",
            "DISK",
            "ok PATH",
            "Unmounts the disk, and mounts it again at the same place with the same options."),
    CHECK(
            Subject.MOUNT,
            "check",
            "DISK",
            ". TEXT",
            "Checks the filesystem (fsck, which changes nothing). Returns what is wrong; no line if it is clean."),
    FAULT(Subject.RULES, "fault", "DISK RULE", "ok RULE-NAME", "Puts a rule in force."),
    REPLACE(
            Subject.RULES,
            "replace",
            "DISK RULE",
            "ok RULE-NAME",
            "Puts a rule in the place of the one of the same name, in one step."),
    SCRIPT(
            Subject.RULES,
            "script",
            "DISK SCRIPT",
            ". RULE-NAME …",
            "Begins a script: all its rules are armed, or none."),
    RULES(
            Subject.RULES,
            "rules",
            "DISK",
            ". name=RULE-NAME matched=N fired=N text=RULE …",
            "Returns the rules in force, and their counts."),
    CLEAR(
            Subject.RULES,
            "clear",
            "DISK [RULE-NAME]",
            "ok",
            "Takes one rule away, or all. Requests that they hold or delay go on."),
    CLEARED(
            Subject.RULES,
            "cleared",
            "DISK",
            ". name=RULE-NAME matched=N fired=N text=RULE …",
            "Returns the rules that steps of scripts have taken away, with their last counts."),
    TIMELINE(
            Subject.RULES,
            "timeline",
            "DISK",
            ". rule=RULE-NAME state=TEXT text=TEXT …",
            "Returns the lines of scripts that wait for a moment, and what has become of each."),
    HELD(
            Subject.RULES,
            "held",
            "DISK RULE-NAME",
            ". operation=OPERATION flags=N sector=SECTOR bytes=BYTES millis=MILLIS …",
            "Returns the requests that a rule holds now."),
    RELEASE(
            Subject.RULES,
            "release",
            "DISK [RULE-NAME] [STATUS]",
            "ok N",
            "Lets held requests go on, of one rule or of all; with a status they fail. Returns how many."),
    AWAIT_FIRED(
            Subject.RULES,
            "await-fired",
            "DISK rule=RULE-NAME [times=N] millis=MILLIS",
            "ok N",
            "Waits until a rule has fired that often. Returns how often it has."),
    AWAIT_HELD(
            Subject.RULES,
            "await-held",
            "DISK rule=RULE-NAME millis=MILLIS",
            "ok N",
            "Waits until a rule holds a request. Returns how many it holds."),
    UNFLUSHED(
            Subject.POWER,
            "unflushed",
            "DISK",
            ". sequence=N operation=OPERATION sector=SECTOR sectors=N …",
            "Returns what a power cut now could take, the oldest first."),
    POWER_CUT(
            Subject.POWER,
            "power-cut",
            "DISK [keep=KEEP] [seed=SEED]",
            ". sequence=N operation=OPERATION sector=SECTOR sectors=N … ok TEXT",
            "Takes the power: every request fails, and what is unflushed is lost but for what survives. Returns the lost and torn changes, the first 1000, and all of it in words."),
    POWER_CYCLE(
            Subject.POWER,
            "power-cycle",
            "DISK [keep=KEEP] [seed=SEED] [off-millis=MILLIS]",
            ". sequence=N operation=OPERATION sector=SECTOR sectors=N … ok lost=TEXT [problem=TEXT] DISK-FIELDS",
            "Does power-cut, waits, and does power-on with remount=true. If the disk cannot be mounted any more, the answer has a problem, and the disk has power."),
    POWER_ON(
            Subject.POWER,
            "power-on",
            "DISK [remount=FLAG]",
            "ok DISK-FIELDS",
            "Gives the power back; does nothing if it is on. With remount=true the filesystem is unmounted before, what the kernel could not write is forgotten, and it is mounted again; if files on it are open, the disk becomes another device."),
    REPLUG(
            Subject.POWER,
            "replug",
            "DISK",
            "ok DISK-FIELDS",
            "Gives the power back as another device, under files that are open; mounted where the old one was."),
    JOURNAL(
            Subject.JOURNAL,
            "journal",
            "DISK [events]",
            ". ENTRY …",
            "Returns what is in the journal; with events, without the requests."),
    FOLLOW(
            Subject.JOURNAL,
            "follow",
            "DISK [events]",
            ". following, then . ENTRY and . lost=N, at the end ok",
            "Sends each entry when it comes, until the client sends a line or hangs up, or the disk is gone."),
    MARK(
            Subject.JOURNAL,
            "mark",
            "DISK TEXT",
            "ok N",
            "Sets a mark. Returns how many steps of scripts have waited for it."),
    MARKS_AT_CUT(
            Subject.JOURNAL,
            "marks-at-cut",
            "DISK",
            ". TEXT …",
            "Returns the marks that were set before the last power cut, the oldest first."),
    STOP_MARKS(
            Subject.JOURNAL,
            "stop-marks",
            "DISK",
            "ok",
            "Refuses marks from the next power cut on, also when the power is back."),
    SNAPSHOT(
            Subject.CONTENTS,
            "snapshot",
            "DISK NAME",
            "ok",
            "Keeps the bytes under a name, in place of an earlier snapshot of that name."),
    REWIND(
            Subject.CONTENTS,
            "rewind",
            "DISK NAME",
            "ok [PATH]",
            "Goes back to a snapshot; unmounts for it, and mounts again."),
    RESET(
            Subject.CONTENTS,
            "reset",
            "DISK",
            "ok [PATH]",
            "Makes the disk what it was when it was created: bytes, rules and mount."),
    DAMAGE(
            Subject.CONTENTS,
            "damage",
            "DISK offset=BYTES [length=BYTES] [with=PATTERN] [seed=SEED]",
            "ok TEXT",
            "Damages bytes at rest, without a request. Returns which bytes changed."),
    SAVE(
            Subject.CONTENTS,
            "save",
            "DISK PATH",
            "ok SHA-256",
            "Writes the first bytes and the present ones into a log of dm-log-writes. Returns a hash of the present ones."),
    LOG_WRITES(
            Subject.CONTENTS,
            "log-writes",
            "DISK PATH",
            "ok",
            "Logs what becomes durable from now on, in the format of dm-log-writes."),
    END_LOG_WRITES(
            Subject.CONTENTS,
            "end-log-writes",
            "DISK",
            "ok path=PATH entries=N bytes=BYTES [ended-by=TEXT]",
            "Ends that log."),
    RECORD(Subject.CRASH, "record", "DISK", "ok", "Begins a recording; an earlier one is forgotten."),
    STOP_RECORDING(
            Subject.CRASH,
            "stop-recording",
            "DISK",
            "ok epochs=N changes=N changes-before=N bytes=BYTES [ended-by=TEXT]",
            "Ends the recording."),
    LOG_RECORDING(
            Subject.CRASH,
            "log-recording",
            "DISK PATH",
            "ok path=PATH entries=N bytes=BYTES [ended-by=TEXT]",
            "Writes the recording into a log of dm-log-writes."),
    CRASH_STATES(
            Subject.CRASH,
            "crash-states",
            "DISK [per-epoch=N] [tears=FLAG] [seed=SEED] [atomic-sectors=N]",
            ". STATE equals-start=FLAG …",
            "Returns a sample of the crash states of the recording, in the order of the epochs."),
    EPOCH(
            Subject.CRASH,
            "epoch",
            "DISK N",
            ". number=N operation=OPERATION sector=SECTOR sectors=N forced-at=N … ok start=N block-sectors=N",
            "Returns the changes of a flush epoch."),
    MARKS(
            Subject.CRASH,
            "marks",
            "DISK STATE",
            ". TEXT …",
            "Returns the marks that the run had passed at that crash state."),
    CRASH_STATE(
            Subject.CRASH,
            "crash-state",
            "DISK STATE [name=NAME] [owned=FLAG]",
            "ok DISK-FIELDS",
            "Makes a disk with the bytes of a crash state."),
    CRASH_IMAGE(
            Subject.CRASH,
            "crash-image",
            "DISK [keep=KEEP] [seed=SEED] [name=NAME] [owned=FLAG]",
            "ok DISK-FIELDS",
            "Makes a disk with the bytes that a power cut now would leave."),
    SHOW_STATE(
            Subject.CRASH,
            "show-state",
            "DISK STATE DISK [mount=FLAG] [options=OPTIONS]",
            "ok [PATH]",
            "Gives another disk the bytes of a crash state, and mounts it if asked."),
    SHOW_IMAGE(
            Subject.CRASH,
            "show-image",
            "DISK DISK [keep=KEEP] [seed=SEED] [mount=FLAG] [options=OPTIONS]",
            "ok [PATH]",
            "Gives another disk the bytes that a power cut now would leave, and mounts it if asked.");

    private static final Map<String, Verb> BY_WORD = byWord();

    private final Subject subject;
    private final String word;
    private final String arguments;
    private final String answer;
    private final String about;
    private final List<String> keys;

    Verb(Subject subject, String word, String arguments, String answer, String about) {
        this.subject = subject;
        this.word = word;
        this.arguments = arguments;
        this.answer = answer;
        this.about = about;
        this.keys = keys(arguments);
    }

    private static Map<String, Verb> byWord() {
        Map<String, Verb> all = new HashMap<>();
        for (Verb verb : values()) {
            all.put(verb.word, verb);
        }
        return all;
    }

    /** Returns the keys of arguments like {@code [keep=KEEP]}. */
    private static List<String> keys(String arguments) {
        List<String> keys = new ArrayList<>();
        int end = arguments.indexOf('=');
        while (end >= 0) {
            int begin = end;
            while (begin > 0 && arguments.charAt(begin - 1) != ' ' && arguments.charAt(begin - 1) != '[') {
                begin--;
            }
            keys.add(arguments.substring(begin, end));
            end = arguments.indexOf('=', end + 1);
        }
        return List.copyOf(keys);
    }

    /** Returns the verb of that word; null if there is none. */
    static Verb named(String word) {
        return BY_WORD.get(word);
    }

    /** Returns the words of all verbs. */
    static List<String> words() {
        List<String> words = new ArrayList<>();
        for (Verb verb : values()) {
            words.add(verb.word);
        }
        return words;
    }

    /** Returns the group that the verb belongs to. */
    public Subject subject() {
        return subject;
    }

    /** Returns the word on the line. */
    public String word() {
        return word;
    }

    /** Returns the arguments, as the reference writes them. */
    public String arguments() {
        return arguments;
    }

    /** Returns the lines of the answer, as the reference writes them. */
    public String answer() {
        return answer;
    }

    /** Returns what the verb does, in one or two sentences. */
    public String about() {
        return about;
    }

    /** Returns the keys that the arguments may have; a line with another key is refused. */
    List<String> keys() {
        return keys;
    }
}
