package io.ublkdisk.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A shell that stays, so that what others do in a shell is measured without what a JVM takes to start a process. */
final class KeptShell implements AutoCloseable {
    private static final String END = "ended with ";

    private final Process process;
    private final OutputStream input;
    private final BufferedReader output;

    KeptShell() throws IOException {
        process = new ProcessBuilder("sh").redirectErrorStream(true).start();
        input = process.getOutputStream();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Runs it, and waits. @throws BenchException if it fails */
    String run(String script) throws IOException, BenchException {
        input.write((script + "\nstatus=$?; echo; echo '" + END + "'$status\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
        StringBuilder said = new StringBuilder();
        String line = output.readLine();
        for (; line != null && !line.startsWith(END); line = output.readLine()) {
            said.append(line).append('\n');
        }
        if (!(END + "0").equals(line)) {
            throw new BenchException(script + ": " + (line == null ? "the shell has ended" : line) + "\n" + said);
        }
        return said.toString().strip();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
