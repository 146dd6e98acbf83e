package io.ublkdisk.cli;

import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Starts a server for one disk that has lost its own. */
@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        description =
                "Serve a disk again whose server was killed, or has quiesced it: prints its device, which was there all"
                        + " the time. It must have been made with --recovery.")
final class RecoverCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Parameters(index = "0", paramLabel = "N", description = "The disk: name, number or device.")
    private String disk;

    @Override
    public Integer call() throws IOException {
        Path log = StateFolder.ofUser()
                .path()
                .resolve("add-" + ProcessHandle.current().pid() + ".log");
        try (ServerConnection server = ServerProcess.startDetached(log).connection()) {
            command.commandLine().getOut().println(server.recover(disk, false).device());
        }
        return 0;
    }
}
