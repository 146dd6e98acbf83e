package io.ublkdisk.cli.kublk;

import io.ublkdisk.block.Backend;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Make a device and serve it, in the background; prints what it became.")
final class AddCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Mixin
    private DeviceOptions options;

    @Override
    public Integer call() throws IOException {
        Backend backend = options.target.open();
        KublkDaemon daemon =
                new KublkDaemon(options.foreground, command.commandLine().getOut());
        return daemon.serve(options.builder(backend, daemon).create());
    }
}
