package io.ublkdisk.cli.kublk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The packaged {@code target/ublkdisk kublk} with a real device, used as the kernel's selftests use it. These themselves are run by
 * vm/kernel-selftests.
 */
@Timeout(300)
class KublkIT {
    private static final Path PROGRAM = Path.of("target", "ublkdisk").toAbsolutePath();
    private static final int SIZE = 16 << 20;

    private record Ended(int status, String out, String err) {}

    @Test
    void aStripeIsServedByAProcessOfItsOwnUntilItIsDeleted() throws Exception {
        Path folder = Files.createTempDirectory("kublk");
        Path first = sized(folder.resolve("first"));
        Path second = sized(folder.resolve("second"));

        Ended add = program("add", "-t", "stripe", "-q", "2", "-d", "16", first.toString(), second.toString());
        assertThat(add.status).as(add.err).isZero();
        Matcher said = Pattern.compile(
                        "dev id (\\d+): nr_hw_queues ([12]) queue_depth 16 block size 512 dev_capacity 65536\n"
                                + "\tmax rq size 1048576 daemon pid (\\d+) flags 0x[0-9a-f]+ state LIVE\n"
                                + "\tqueue 0: affinity\\(\\d+ \\)\n.*",
                        Pattern.DOTALL)
                .matcher(add.out);
        assertThat(said.matches()).as(add.out).isTrue();
        String id = said.group(1);
        ProcessHandle server = ProcessHandle.of(Long.parseLong(said.group(3))).orElseThrow();
        assertThat(here("list", "-n", id).out).isEqualTo(add.out);

        byte[] data = new byte[1 << 20];
        new SplittableRandom(1).nextBytes(data);
        Path source = Files.write(folder.resolve("data"), data);
        run("dd", "if=" + source, "of=/dev/ublkb" + id, "bs=256K", "conv=fsync");
        byte[] dealt = Files.readAllBytes(second);
        assertThat(Arrays.copyOf(dealt, 65_536)).isEqualTo(Arrays.copyOfRange(data, 65_536, 131_072));

        Ended del = here("del", "-n", id);
        assertThat(del.status).as(del.err).isZero();
        assertThat(Path.of("/dev/ublkc" + id)).doesNotExist();
        server.onExit().get(20, TimeUnit.SECONDS);
        Ended again = here("del", "-n", id);
        assertThat(again.status).isEqualTo(1);
        assertThat(again.err).contains("ENODEV");
    }

    @Test
    void whatCannotBeAddedLeavesNoDevice() {
        Ended before = here("list");
        Ended add = here("add", "-t", "loop", "/nowhere/file");
        assertThat(add.status).isEqualTo(1);
        assertThat(add.err).contains("/nowhere/file");
        assertThat(add.out.strip()).isEmpty();
        assertThat(here("list").out).isEqualTo(before.out);
    }

    @Test
    void saysWhichParametersTheDriverRefuses() {
        assertThat(here("set_params", "-q", "1", "-d", "2").out).isEqualTo("SET_PARAMS returned 0\n");
        Ended refused = here("set_params", "-q", "1", "-d", "2", "--max_sectors", "2049");
        assertThat(refused.out).isEqualTo("SET_PARAMS returned -22\n");
        assertThat(refused.status).isEqualTo(1);
        assertThat(here("features").out).contains("0x2               : UBLK_F_URING_CMD_COMP_IN_TASK\n");
    }

    private static Path sized(Path file) throws Exception {
        run("truncate", "-s", Integer.toString(SIZE), file.toString());
        return file;
    }

    private static Ended here(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = KublkCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Ended(status, out.toString(), err.toString());
    }

    private static Ended program(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 2];
        command[0] = PROGRAM.toString();
        command[1] = "kublk";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        return run(command);
    }

    private static Ended run(String... command) throws Exception {
        Path out = Files.createTempFile("kublk", ".out");
        Path err = Files.createTempFile("kublk", ".err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS))
                .as(String.join(" ", command))
                .isTrue();
        return new Ended(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
