package io.ublkdisk.cli;

import io.ublkdisk.control.StateFolder;
import io.ublkdisk.server.Orphans;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = "Clear away what servers left that were killed; prints how many devices that were.")
final class SweepCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException {
        StateFolder folder = StateFolder.ofUser();
        int devices = Files.isDirectory(folder.path()) ? Orphans.sweep(folder) : 0;
        command.commandLine().getOut().println(devices);
        return 0;
    }
}
