package io.ublkdisk.cli;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.RemoteDisk;
import io.ublkdisk.control.ServerConnection;
import io.ublkdisk.control.ServerProcess;
import io.ublkdisk.control.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts a server for one disk in the background. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Serve a disk in the background: prints its device when it can be opened, and returns.")
final class AddCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Mixin
    private DiskOptions options;

    @Override
    public Integer call() throws IOException {
        DiskSpec spec = options.spec();
        Path log = StateFolder.ofUser()
                .path()
                .resolve("add-" + ProcessHandle.current().pid() + ".log");
        // Without its disk the server ends with our connection; with it, when the disk is deleted.
        try (ServerConnection server = ServerProcess.startDetached(log).connection()) {
            RemoteDisk disk = server.createUnowned(spec);
            command.commandLine().getOut().println(disk.device());
        }
        return 0;
    }
}
