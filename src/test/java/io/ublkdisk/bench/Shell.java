package io.ublkdisk.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Lines for sh. */
public final class Shell {
    private static final int LIMIT_SECONDS = 120;

    private Shell() {}

    /** @return what it wrote */
    public static String run(String line) throws Exception {
        Process shell =
                new ProcessBuilder("sh", "-ec", line).redirectErrorStream(true).start();
        shell.getOutputStream().close();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!shell.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || shell.exitValue() != 0) {
            throw new BenchException("'" + line + "' ends with " + shell.exitValue() + ": " + said);
        }
        return said;
    }

    static boolean has(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v \"$0\" >/dev/null", program)
                        .start()
                        .waitFor()
                == 0;
    }
}
