package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import io.ublkdisk.ublk.UblkException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "del", mixinStandardHelpOptions = true, description = "Stop a device, and make the driver forget it.")
public final class DelCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @ArgGroup(multiplicity = "1")
    private Which which;

    private static final class Which {
        @Option(
                names = {"-n", "--number"},
                paramLabel = "N",
                description = "The number of the device.")
        private Integer id;

        @Option(
                names = {"-a", "--all"},
                description = "All devices, of any server.")
        private boolean all;
    }

    @Override
    public Integer call() throws IOException {
        int status = 0;
        try (UblkControl control = UblkControl.open(StopCommand.LIMIT)) {
            for (int id : which.all ? UblkControl.deviceIds() : List.of(which.id)) {
                try {
                    delete(control, id);
                } catch (UblkException e) {
                    command.commandLine().getErr().println("ublkdisk: " + e.getMessage());
                    status = 1;
                }
            }
        }
        return status;
    }

    /** Deletes a device; the driver waits until its server has released it. */
    private static void delete(UblkControl control, int id) throws UblkException {
        control.info(id);
        try {
            control.stop(id);
        } catch (UblkException e) {
            // It may have stopped by itself meanwhile, and be as good as stopped without a disk.
            if (!e.isGone()) {
                throw e;
            }
        }
        control.delete(id);
    }
}
