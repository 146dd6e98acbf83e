package io.ublkdisk.cli;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.Readiness;
import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.mount.OwnMounts;
import io.ublkdisk.server.session.Server;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Serves a disk from this process until it is told to end, or the disk is deleted. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Serve a disk in the foreground: prints its device when it can be opened; Ctrl-C ends it.")
final class RunCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Mixin
    private DiskOptions options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        DiskSpec spec = options.spec();
        Readiness.check();
        OwnMounts.forgetDisks();
        try (Server server = new Server(StateFolder.ofUser(), ServeMain::say, new ServedCommands())) {
            ServeMain.endWithProcess(server);
            command.commandLine().getOut().println(server.create(spec));
            command.commandLine().getOut().flush();
            server.awaitEnd();
        }
        return 0;
    }
}
