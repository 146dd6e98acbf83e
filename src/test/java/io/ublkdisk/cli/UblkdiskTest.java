package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.Fields;
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
                "add --name a/b          | name 'a/b' is none",
                "add --sise 1G           | Unknown option",
                "fault db                | Missing required parameter: 'RULE'",
                "del                     | N | --all",
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
    void helpIsNoError() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("run", "add", "list", "del", "fault", "rules", "clear", "stats", "features");
        assertThat(run("run", "--help")).isZero();
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void writesJson() {
        Fields fields = new Fields()
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
