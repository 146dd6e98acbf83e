package io.ublkdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkdisk.control.Readiness;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How a command ended, and what it wrote. */
record Ended(int status, String out, String err) {
    /** The packaged program, as a shell runs it. */
    static final Path PROGRAM = Path.of("target", "ublkdisk").toAbsolutePath();

    private static final int LIMIT_SECONDS = 120;

    static void assertThatDisksCanBeMade() {
        assertThat(PROGRAM).isExecutable();
        assertThat(Readiness.here().problem()).isEmpty();
    }

    /** Runs a command of {@code ublkdisk} in this JVM: another one takes seconds to start where the processor is emulated. */
    static Ended here(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Ublkdisk.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Ended(status, out.toString(), err.toString());
    }

    static Ended shell(String line) throws IOException, InterruptedException {
        return of(new ProcessBuilder("/bin/sh", "-c", line));
    }

    /** Reads both outputs to their ends, as a shell does; its input is empty. */
    static Ended of(ProcessBuilder command) throws IOException, InterruptedException {
        Path err = Files.createTempFile("ublkdisk", ".err");
        try {
            Process process = command.redirectError(err.toFile()).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as(() -> String.join(" ", command.command()))
                    .isTrue();
            return new Ended(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    static Ended of(List<String> command) throws IOException, InterruptedException {
        return of(new ProcessBuilder(command));
    }
}
