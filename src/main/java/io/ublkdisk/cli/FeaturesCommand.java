package io.ublkdisk.cli;

import io.ublkdisk.cli.disk.Json;
import io.ublkdisk.control.Readiness;
import io.ublkdisk.server.session.Features;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "features",
        mixinStandardHelpOptions = true,
        description = "What this kernel's ublk driver can do; without a driver, what is missing.")
final class FeaturesCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Readiness.check();
        Features.kernelFault().ifPresent(fault -> command.commandLine().getErr().println("ublkdisk: " + fault));
        List<String> names = Features.names();
        if (json) {
            command.commandLine().getOut().println(Json.strings(names));
        } else {
            names.forEach(command.commandLine().getOut()::println);
        }
        return 0;
    }
}
