package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.cli.disk.Json;
import io.ublkdisk.protocol.KeyValues;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the command line says to whom it cannot follow: nothing here gets as far as a kernel. */
class UblkdiskTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add --size 0            | size 0 bytes: a disk needs more than nothing; write it as 256MiB or 1G",
                "add --size -1           | size -1 bytes",
                "add --size 1GB          | size '1GB' has the unknown unit 'GB'; known are KiB, MiB, GiB, TiB",
                "run --size 100000       | is no multiple of the block size 512; the nearest below is 99840",
                "run --queues 0          | queues 0 is not within 1..4096",
                "run --depth many        | 'many' is not an int",
                "add --block-size 100    | block-size 100 is not a power of two within 512..4096",
                "add --journal -1        | journal -1 is not within 0..262144",
                "add --name a/b          | 'a/b' is not a valid disk name",
                "add --sise 1G           | Unknown option",
                "damage db              | Missing required parameter: 'OFFSET'",
                "fault db                | Missing required parameter: 'RULE'",
                "del                     | N | --all",
                "kublk                   | which command? See ublkdisk kublk --help",
                "kublk add               | Missing required option: '--type=TYPE'",
                "kublk add -t nul        | NULL, LOOP, STRIPE, FAULT_INJECT",
                "kublk add -t loop       | files []: loop needs exactly 1",
                "kublk add -t null --csum_type ip | --metadata_size 0",
                "kublk del               | -n=N | -a",
                "kublk set_params --param_types basic,zone | BASIC, ZONED, NONE",
                "lsit                    | Unmatched argument",
                "''                      | Unmatched argument"
            })
    void refusesWrongUsageNamingIt(String line, String message) {
        assertThat(run(line.replace("'", "").split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("ublkdisk: ").contains(message.strip());
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void refusesAWrongRuleNamingItsPlace(@TempDir Path folder) throws Exception {
        assertThat(run("add", "-e", "on read fial IO")).isEqualTo(2);
        assertThat(err.toString()).contains("-e, line 1, column 9").contains("Did you mean \"fail\"?");

        Path script = Files.writeString(folder.resolve("bad.fault"), "# comment\non read fail IO\non wirte fail IO\n");
        assertThat(run("run", "--script", script.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(script + ", line 3, column 4");

        assertThat(run("run", "--script", folder.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("none");
    }

    @Test
    void checksScriptsAndSaysWhatTheyDo(@TempDir Path folder) throws Exception {
        Path good = Files.writeString(
                folder.resolve("good.fault"),
                "\uFEFFseed 7\r\n\r\nrule bad:\ton read sectors 8..15 fail MEDIUM # old\r\nat mark \"x\" power-cut keep all\r\n");
        assertThat(run("check", good.toString())).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        good + ": 1 rules from the start, 1 line that waits for its moment, seed 7",
                        "  from the start         link   rule bad: on read sectors 8..15 fail MEDIUM",
                        "  at mark \"x\"                   power-cut keep all");
        assertThat(run("check", "--size", "8KiB", good.toString())).isZero();
        assertThat(run("check", "--size", "4KiB", good.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(good + ": ", "bad", "sector");
    }

    @Test
    void saysWhereAScriptIsWrongAndGoesOnToTheNext(@TempDir Path folder) throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.fault"), "on read fail IO\non wirte fail IO\n");
        Path binary = Files.write(folder.resolve("binary.fault"), new byte[] {'o', 'n', ' ', (byte) 0xff});
        Path nul = Files.writeString(folder.resolve("nul.fault"), "on read \0 fail IO\n");
        Path good = Files.writeString(folder.resolve("good.fault"), "on read note\n");
        Path none = folder.resolve("none.fault");
        assertThat(run("check", bad.toString(), binary.toString(), nul.toString(), none.toString(), good.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains(bad + ", line 2, column 4: found \"wirte\"", "^^^^^", "Did you mean \"write\"?")
                .contains(binary + " is not UTF-8: byte 4 belongs to no character")
                .contains(nul + ", line 1, column 9")
                .contains(none.toString());
        assertThat(out.toString()).startsWith(good + ": 1 rules from the start");
        assertThat(run("check")).isEqualTo(2);
        assertThat(run("add", "--script", binary.toString())).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "check NONE          | NONE: no such file; check the spelling and the folder",
                "check FOLDER        | FOLDER: is a folder; name a file in it",
                "add --script NONE   | NONE: no such file; check the spelling and the folder",
                "add --script FOLDER | FOLDER: is a folder; name a file in it",
                "run --script LOOP   | LOOP: its links lead in a circle",
                "add --replay FOLDER | FOLDER: is a folder; name a file in it",
                "check LONG          | the name is too long; shorten it"
            })
    void saysOfAFileItsPathWhatIsWrongAndWhatToDo(String line, String message, @TempDir Path folder) throws Exception {
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        String none = folder.resolve("none").toString();
        String[] words = line.replace("NONE", none)
                .replace("FOLDER", folder.toString())
                .replace("LOOP", loop.toString())
                .replace("LONG", folder.resolve("x".repeat(300)).toString())
                .split(" +");
        assertThat(run(words)).isEqualTo(1);
        assertThat(err.toString())
                .contains(message.replace("NONE", none)
                        .replace("FOLDER", folder.toString())
                        .replace("LOOP", loop.toString()));
    }

    @Test
    void warnsOfRulesThatNeverFireBecauseTheySaySo(@TempDir Path folder) throws Exception {
        Path script = Files.writeString(
                folder.resolve("never.fault"), "on read with probability 0 fail IO\non read scattered 0 fail IO\n");
        assertThat(run("check", script.toString())).isZero();
        assertThat(err.toString())
                .contains(
                        script + ": warning: \"on read with probability 0 fail IO\" never fires: its probability is 0")
                .contains("never fires: scattered 0 is no sector");
    }

    /** Without ublk, as on most machines that build this. */
    @Test
    void saysThatThereIsNoSuchDiskBeforeItAsksTheKernel() {
        assertThat(run("del", "nosuchdisk")).isEqualTo(1);
        assertThat(err.toString()).startsWith("ublkdisk: no disk 'nosuchdisk'").doesNotContain("Exception");
    }

    @Test
    void helpIsNoError() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("run", "add", "list", "del", "fault", "rules", "clear", "stats", "features");
        assertThat(run("run", "--help")).isZero();
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void writesJson() {
        KeyValues fields = new KeyValues()
                .put("name", "a \"b\"\\\n")
                .put("mount-point", "/x")
                .put("on", true)
                .put("n", 7);
        assertThat(Json.array(List.of(fields), "name", "mount-point"))
                .isEqualTo("[{\"name\": \"a \\\"b\\\"\\\\\\u000a\", \"mountPoint\": \"/x\", \"on\": true, \"n\": 7}]");
        assertThat(Json.strings(List.of())).isEqualTo("[]");
    }

    private int run(String... arguments) {
        CommandLine line = Ublkdisk.commandLine();
        return line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    }
}
