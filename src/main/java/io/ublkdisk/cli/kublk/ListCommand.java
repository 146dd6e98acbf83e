package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", mixinStandardHelpOptions = true, description = "All devices, of any server.")
public final class ListCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Option(
            names = {"-n", "--number"},
            paramLabel = "N",
            description = "Only this one.")
    private int id = -1;

    @Option(
            names = {"-a", "--all"},
            description = "All, which is the default.")
    private boolean all;

    @Override
    public Integer call() throws IOException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            for (int each : id >= 0 ? List.of(id) : UblkControl.deviceIds()) {
                try {
                    command.commandLine().getOut().print(DeviceText.of(control, each));
                } catch (UblkException e) {
                    if (id >= 0 || !e.isGone()) {
                        throw e;
                    }
                }
            }
            command.commandLine().getOut().flush();
        }
        return 0;
    }
}
