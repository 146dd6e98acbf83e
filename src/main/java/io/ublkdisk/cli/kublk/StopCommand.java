package io.ublkdisk.cli.kublk;

import io.ublkdisk.ublk.UblkControl;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Take a device's block device away. The device itself stays until del.")
final class StopCommand implements Callable<Integer> {
    /** The driver waits for the requests in flight. */
    static final Duration LIMIT = Duration.ofSeconds(120);

    @Option(
            names = {"-n", "--number"},
            required = true,
            paramLabel = "N",
            description = "The number of the device.")
    private int id;

    @Option(names = "--safe", description = "Only if no program has it open.")
    private boolean safe;

    @Override
    public Integer call() throws IOException {
        try (UblkControl control = UblkControl.open(LIMIT)) {
            if (!safe) {
                control.stop(id);
            } else if (!control.tryStop(id)) {
                throw new IOException("ublk device " + id + " stays: a program has it open");
            }
        }
        return 0;
    }
}
