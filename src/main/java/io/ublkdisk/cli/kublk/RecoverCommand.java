package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Backend;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        description = "Serve a device whose server is gone; with the options that it was made with, and -n.")
final class RecoverCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Mixin
    private DeviceOptions options;

    @Override
    public Integer call() throws IOException {
        if (options.id < 0) {
            throw new CommandLine.ParameterException(command.commandLine(), "-n N: which device?");
        }
        Backend backend = options.target.open();
        KublkDaemon daemon =
                new KublkDaemon(options.foreground, command.commandLine().getOut());
        return daemon.serve(options.builder(backend, daemon).recover());
    }
}
