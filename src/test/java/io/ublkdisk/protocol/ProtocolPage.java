package io.ublkdisk.protocol;

import java.util.Map;
import java.util.TreeMap;

/** Writes the reference page of the protocol from {@link Verb}. */
final class ProtocolPage {
    /** What the words in capitals mean: type, unit, range. */
    static final Map<String, String> PLACEHOLDERS = new TreeMap<>(Map.ofEntries(
            Map.entry("BYTES", "a number of bytes, or a place in bytes"),
            Map.entry("DISK", "name, number or device of a disk, or `NAME#SERIAL`, which never means another disk"),
            Map.entry(
                    "DISK-FIELDS",
                    "`id= serial= name= device= size= queues= depth= block-size= fs= seed= server-pid=` and, if mounted, `mount-point=`"),
            Map.entry("ENTRY", "an entry of the journal, as [the journal's file](journal.md) has it"),
            Map.entry("FLAG", "`true` or `false`; `false` if left out, but `tears` is `true`"),
            Map.entry(
                    "KEEP",
                    "what survives: `none` (the default), `all`, `random P`, `first N`, `only N..N`, each also with `torn`"),
            Map.entry("MILLIS", "milliseconds, 0 to 600000; 0 if left out"),
            Map.entry("N", "a whole number"),
            Map.entry("NAME", "a name, one word"),
            Map.entry("OPERATION", "`read`, `write`, `flush`, `discard`, `write-zeroes`"),
            Map.entry("OPTIONS", "as `mount -o` takes them; none if left out"),
            Map.entry("PATH", "a path from the root folder, as the client sees it"),
            Map.entry("PATTERN", "`flip` (the default), `zero`, `garbage`"),
            Map.entry("PID", "the number of a process; the server's own if left out"),
            Map.entry("PROTOCOL", "the version of the protocol, now " + Version.PROTOCOL),
            Map.entry("RULE", "one line of [the fault language](../language.md), to the end of the line"),
            Map.entry("RULE-NAME", "the name of a rule"),
            Map.entry("SCRIPT", "a script of the fault language, its line feeds as `\\n`, to the end of the line"),
            Map.entry("SECTOR", "the first sector, in units of 512 bytes"),
            Map.entry("SEED", "a whole number of 64 bits; 0, or the disk's own for `damage`, if left out"),
            Map.entry("SETTINGS", "`size=`, `fs=`, `mount=`, `script=` and so on: what `ublkdisk add` has as options"),
            Map.entry("SHA-256", "64 hexadecimal digits"),
            Map.entry("STATE", "the name of a crash state"),
            Map.entry("STATUS", "an error of the block layer, for instance `IO` or `MEDIUM`"),
            Map.entry("TEXT", "text to the end of the line"),
            Map.entry("USER", "who still used the disk, in words")));

    private static final String HEAD = """
            # The protocol of a disk server

            <!-- Made from io.ublkdisk.protocol.Verb. ProtocolPageTest compares, and says how to make it again. -->

            A disk server listens on a Unix socket, `server-PID.sock` in its state folder. What `ublkdisk` and the extension of JUnit do, they do by these lines.

            A request is one line of UTF-8, at most 64 KiB with its line feed: a verb, then words separated by spaces. The answer is any number of lines `. WORDS`, then one line `ok WORDS` or `error TEXT`.

            - In every word `\\\\` is a backslash, `\\n` a line feed, `\\s` a space, `\\e` an empty word, and `\\uXXXX` a UTF-16 unit. Raw control characters are refused.
            - A line is read to its end before anything is done. A line with an unknown verb, key or word does nothing.
            - Requests of one connection are done in their order, those of several at the same time.
            - A disk that is created with `owned=true` is deleted when its connection closes, for whatever reason. A server ends with its last connection and its last disk.
            - An error is one sentence for a person: the value, the place, the remedy. It has no code.

            ## Versions

            This is version %d. A client says it in `hello`; client and server of different versions part with an error that names both, and the process to end. A connection without `hello` is served: `printf 'list\\n' | socat - UNIX-CONNECT:SOCKET` works.

            The command `ublkdisk` sends a whole command line: `command-line VERSION COUNT` with the version of ublkdisk, a line feed, and COUNT words with a zero byte behind each. The answer is lines `out TEXT` and `err TEXT`, and `exit STATUS`; or `error TEXT` if the server does not run it, and nothing was done.

            ## Words
            """;

    private ProtocolPage() {}

    static String text() {
        StringBuilder page = new StringBuilder(String.format(HEAD, Version.PROTOCOL)).append('\n');
        PLACEHOLDERS.forEach((word, meaning) -> page.append("- `" + word + "`: " + meaning + "\n"));
        for (Subject subject : Subject.values()) {
            page.append("\n## ").append(subject.title()).append('\n');
            for (Verb verb : Verb.values()) {
                if (verb.subject() == subject) {
                    page.append("\n### ")
                            .append(verb.word())
                            .append("\n\n")
                            .append(verb.about())
                            .append("\n\n```text\n");
                    page.append((verb.word() + " " + verb.arguments()).strip()).append('\n');
                    page.append(verb.answer().replace(" … ok", " …\nok")).append("\n```\n");
                }
            }
        }
        return page.toString();
    }
}
