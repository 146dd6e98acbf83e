package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "quiesce",
        mixinStandardHelpOptions = true,
        description = "Take a device from its server, which ends, and leave it to another one to recover.")
public final class QuiesceCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = {"-n", "--number"},
            required = true,
            paramLabel = "N",
            description = "The number of the device.")
    private int id;

    @Override
    public Integer call() throws IOException {
        try (UblkControl control = UblkControl.open(PATIENCE)) {
            control.quiesce(id, PATIENCE);
        }
        return 0;
    }
}
