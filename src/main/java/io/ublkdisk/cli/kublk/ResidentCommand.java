package io.ublkdisk.cli.kublk;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Performs the commands of a shell script in one JVM, because starting one for each takes seconds where the processor is emulated,
 * and the selftests have bounds of two. A request is a line in the pipe {@code FOLDER/requests}: the beginning of the names of its
 * files, of which {@code .arguments} is there (each ended by a NUL). The answer is {@code .out}, {@code .err}, and then {@code
 * .status}.
 */
@Command(name = "resident", hidden = true, description = "Perform the commands that come through FOLDER/requests.")
final class ResidentCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        // Opened both ways, so that it does not end with the first who writes to it.
        try (RandomAccessFile requests =
                new RandomAccessFile(folder.resolve("requests").toFile(), "rw")) {
            Files.createFile(folder.resolve("ready"));
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                String request = line;
                Thread thread = new Thread(() -> perform(request), "kublk-command");
                thread.setDaemon(true);
                thread.start();
            }
        }
        return 0;
    }

    private static void perform(String request) {
        try {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            String[] arguments =
                    Files.readString(Path.of(request + ".arguments")).split("\0");
            int status = KublkCommand.commandLine(arguments)
                    .setOut(new PrintWriter(out, true))
                    .setErr(new PrintWriter(err, true))
                    .setExecutionExceptionHandler((e, command, parsed) -> {
                        command.getErr().println("ublkdisk: " + e.getMessage());
                        return 1;
                    })
                    .execute(arguments);
            Files.writeString(Path.of(request + ".out"), out.toString());
            Files.writeString(Path.of(request + ".err"), err.toString());
            Files.writeString(Path.of(request + ".status"), status + "\n");
        } catch (IOException e) {
            // The caller has gone, with the folder; no program would read an answer.
            return;
        }
    }
}
